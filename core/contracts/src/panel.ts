import { createContext, useContext, type ComponentType } from 'react';
import type { ConnectorFormProps } from './connector-setup.ts';
import type { Difference, RowFilter, RowsPage } from './column.ts';
import type { Run, Source, StoredRecipe, Upload } from './api.ts';
import type { ResultSet } from './result.ts';

export type * from './connector-setup.ts';

/** The panel API version of this package; a panel module exports the one it was written for as `apiVersion`. */
export const PANEL_API_VERSION = 1;

/** What a federated module exposes. */
export interface PanelModule<P = Record<string, never>> {
  default: ComponentType<P>;
  apiVersion: typeof PANEL_API_VERSION;
}

/** A sentence for the user from a problem+json answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly body: unknown,
  ) {
    super(detail);
  }
}

export interface RowsQuery {
  offset: number;
  limit: number;
  /** `column` or `-column`. */
  sort?: string;
  filter?: RowFilter[];
  q?: string;
  /** Columns to make: the first minus the second. */
  differences?: Difference[];
  signal?: AbortSignal;
}

/** What panels may ask of the app, all through its public API. Every call throws `ApiError`. */
export interface PanelApi {
  /** GET, POST … of any path of the API; the answer is JSON. */
  request<T>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<T>;
  /**
   * Sends a file to `POST /api/uploads`. `onProgress` gets 0 to 1 of the bytes sent; at 1 the server has them all and looks at
   * every cell. How much of that is done, 0 to 1, comes second, and not at all before anything is known of it. A call that
   * was aborted throws the signal's reason, and nothing of the file stays.
   */
  upload(
    file: File,
    options?: Record<string, unknown>,
    onProgress?: (sent: number, read?: number) => void,
    signal?: AbortSignal,
  ): Promise<Upload>;
  /**
   * POSTs a body to a path whose answer is an event stream, and calls back with the JSON of each event. A fault in the middle
   * of the stream is thrown as `ApiError` too.
   */
  events<T>(path: string, body: unknown, listener: (event: T) => void, signal?: AbortSignal): Promise<void>;
  run(runId: string): Promise<Run>;
  /** Calls back with the present state at once and with each change; returns a function that ends it. Reconnects by itself. */
  watchRun(runId: string, listener: (run: Run) => void): () => void;
  rows(runId: string, set: ResultSet, query: RowsQuery): Promise<RowsPage>;
  /** Address of a download. */
  downloadUrl(
    runId: string,
    set: ResultSet,
    format: 'csv' | 'parquet' | 'xlsx',
    query?: Pick<RowsQuery, 'sort' | 'filter' | 'q' | 'differences'>,
  ): string;
  cancelRun(runId: string): Promise<void>;
}

/** What the shell gives to every panel. */
export interface PanelHost {
  readonly api: PanelApi;
  navigate(to: string): void;
  notify(tone: 'info' | 'success' | 'error', message: string): void;
  readonly theme: 'light' | 'dark';
  /** BCP 47, for example `de-CH`. */
  readonly locale: string;
}

export const PanelHostContext = createContext<PanelHost | null>(null);

/** The host of the panel that calls it. Throws outside of a panel slot. */
export function usePanelHost(): PanelHost {
  const host = useContext(PanelHostContext);
  if (!host) throw new Error('usePanelHost() is called outside of a panel slot, or with another copy of @kalla/core.');
  return host;
}

/** Properties of a panel in the slot `run.view`. */
export interface RunViewProps {
  runId: string;
  /** From the page's loader, so that nothing has to be fetched to show the first state. */
  initialRun?: Run;
}

/** Properties of a panel in the slot `recipe.build`. */
export interface RecipeBuildProps {
  /** The stored recipe that is to be changed; absent where a new one is made. */
  recipe?: StoredRecipe;
  /** A recipe to begin with, of which a copy is made under another name. */
  copyOf?: StoredRecipe;
  /** Files that were dropped on another page, left one first. */
  files?: readonly File[];
  /** The newest run of the recipe: its files, where they are still kept, are there to try a change on. */
  lastRun?: Run;
}

/** Properties of a panel in the slot `source.setup`. */
export interface SourceSetupProps {
  /** The source that is to be changed; absent where a new one is made. */
  source?: Source;
  /** Takes files of the reader's own to where a recipe is made of them: they are given anew for each run. */
  onLocalFiles?(files: readonly File[]): void;
  /** The secret of a link with which the connection of one source was handed over: only its form is shown. */
  handover?: string;
  /** Shows the panel that a connector brings. The page gives it, since only the page can load one. */
  ConnectorForm?: ComponentType<ConnectorFormProps>;
}
