import type { ColumnInfo, JsonCell, RowsPage, Source, Upload } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { questionsOf } from '@kalla/ui';
import type { Columns } from './build-recipe.ts';
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
  const question = ref === null || ref.kind === 'stored' ? null : JSON.stringify([ref, revision]);
  const { value, fresh, busy, problem } = useLatest(question, 0, async (_question, signal) => {
    if (ref?.kind === 'upload') {
      const path = `/api/uploads/${encodeURIComponent(ref.uploadId)}`;
      const [upload, page] = await Promise.all([
        api.request<Upload>('GET', path, undefined, signal),
        api.request<RowsPage>('GET', `${path}/rows?limit=${SAMPLE_ROWS}`, undefined, signal),
      ]);
      return { upload, page, columns: upload.columns, sourceKey: null };
    }
    const alias = ref?.kind === 'source' ? ref.alias : '';
    const path = `/api/sources/${encodeURIComponent(alias)}`;
    const [source, page] = await Promise.all([
      api.request<Source>('GET', path, undefined, signal),
      api.request<RowsPage>('GET', `${path}/preview?limit=${SAMPLE_ROWS}`, undefined, signal),
    ]);
    return { upload: null, page, columns: page.columns, sourceKey: source.primary_key };
  });
  const known = fresh ? value : null;
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
    live:
      ref?.kind === 'stored'
        ? ref.source.type !== 'file'
        : known !== null && !(known.upload && questionsOf(known.upload).length > 0),
  };
}

function labelOf(ref: SideRef | null): string {
  if (!ref) return '';
  if (ref.kind === 'upload') return ref.filename;
  return ref.kind === 'source' ? ref.alias : ref.source.alias;
}

/** True where two lists of columns have the same names and types. */
export function sameColumns(a: readonly ColumnInfo[], b: readonly ColumnInfo[]): boolean {
  const plain = (columns: readonly ColumnInfo[]) => JSON.stringify(columns.map(({ name, type }) => [name, type]));
  return plain(a) === plain(b);
}
