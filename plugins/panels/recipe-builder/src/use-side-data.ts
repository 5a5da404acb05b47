import type { JsonCell, RowsPage, Source, Upload } from '@kalla/core';
import { usePanelHost, type PanelApi } from '@kalla/core/panel';
import { questionsOf } from '@kalla/ui';
import { useRef } from 'react';
import type { Columns } from './build-recipe.ts';
import { columnChanges, type ColumnChanges } from './column-changes.ts';
import type { SideRef } from './draft.ts';
import { useLatest, type ProblemLike } from './use-latest.ts';

/** Rows of each side that are shown. */
const SAMPLE_ROWS = 5;

/** What is known of one side. */
export interface SideData {
  label: string;
  columns: Columns | null;
  rows: readonly Record<string, JsonCell>[];
  rowCount: number | null;
  upload: Upload | null;
  /** The key of a registered source. */
  sourceKey: readonly string[] | null;
  busy: boolean;
  /** The upload is no longer kept. */
  gone: boolean;
  problem: ProblemLike | null;
  /** What the last reading found to be other than the one before. */
  changes: ColumnChanges | null;
  /** True where the rows can be had and nothing about them is open. */
  live: boolean;
}

/**
 * Reads what there is to know of a side: its columns with their types, a few rows, how many there are.
 *
 * @param revision another number has it read again: the file is read with other options, or the source may have changed
 * @param fallback columns as they were known last, where no rows are at hand
 */
export function useSideData(ref: SideRef | null, revision: number, fallback: Columns | null): SideData {
  const { api } = usePanelHost();
  const refText = JSON.stringify(ref);
  const question = ref === null || ref.kind === 'stored' ? null : JSON.stringify([ref, revision]);
  const before = useRef<{ refText: string; columns: Columns } | null>(null);
  const { value, fresh, busy, problem } = useLatest(question, 0, async (_question, signal) => {
    const read =
      ref?.kind === 'upload' ? await readUpload(api, ref.uploadId, signal) : await readSource(api, ref, signal);
    const last = before.current;
    // A file that is read with other options is no file that changed.
    const changes =
      ref?.kind === 'source' && last?.refText === refText ? columnChanges(last.columns, read.columns) : null;
    before.current = { refText, columns: read.columns };
    return { ...read, refText, changes };
  });
  // A source stays on the page while it is read again. A file does not: what was asked about it has been answered.
  const known = value && (fresh || (ref?.kind === 'source' && value.refText === refText)) ? value : null;
  return {
    label: labelOf(ref),
    columns: known?.columns ?? fallback,
    rows: known?.page.rows ?? [],
    rowCount: known ? (known.upload?.row_count ?? known.page.total) : null,
    upload: known?.upload ?? null,
    sourceKey: known?.sourceKey ?? null,
    busy,
    gone: ref?.kind === 'upload' && problem?.status === 404,
    problem,
    changes: known?.changes ?? null,
    live:
      ref?.kind === 'stored'
        ? ref.source.type !== 'file'
        : known !== null && !(known.upload && questionsOf(known.upload).length > 0),
  };
}

async function readUpload(api: PanelApi, uploadId: string, signal: AbortSignal) {
  const path = `/api/uploads/${encodeURIComponent(uploadId)}`;
  const [upload, page] = await Promise.all([
    api.request<Upload>('GET', path, undefined, signal),
    api.request<RowsPage>('GET', `${path}/rows?limit=${SAMPLE_ROWS}`, undefined, signal),
  ]);
  return { upload, page, columns: upload.columns, sourceKey: null };
}

async function readSource(api: PanelApi, ref: SideRef | null, signal: AbortSignal) {
  const path = `/api/sources/${encodeURIComponent(ref?.kind === 'source' ? ref.alias : '')}`;
  const [source, page] = await Promise.all([
    api.request<Source>('GET', path, undefined, signal),
    api.request<RowsPage>('GET', `${path}/preview?limit=${SAMPLE_ROWS}`, undefined, signal),
  ]);
  return { upload: null, page, columns: page.columns, sourceKey: source.primary_key };
}

function labelOf(ref: SideRef | null): string {
  if (!ref) return '';
  if (ref.kind === 'upload') return ref.filename;
  return ref.kind === 'source' ? ref.alias : ref.source.alias;
}
