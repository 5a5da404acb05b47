import type { Difference, ResultSet, RowFilter } from '@kalla/core';
import { MOST_DIFFERENCES } from './pair-columns.ts';

/** What the reader looks at. It lives in the page's address, so that it can be sent to a colleague and survives a reload. */
export interface ViewState {
  set: ResultSet;
  /** `column` or `-column`. */
  sort: string | null;
  filter: RowFilter[];
  q: string;
  /** Columns that are not shown. */
  hide: string[];
  /** Columns to make; null: those that suggest themselves. */
  differences: Difference[] | null;
  /** The row that is open, by its place in the file of its set. */
  row: number | null;
}

/** A view of a set with nothing chosen in it. */
export const plainView = {
  sort: null,
  filter: [],
  q: '',
  hide: [],
  differences: null,
  row: null,
} satisfies Partial<ViewState>;

const sets: readonly string[] = ['matched', 'unmatched_left', 'unmatched_right'] satisfies ResultSet[];
const ops: readonly string[] = [
  'eq',
  'ne',
  'lt',
  'lte',
  'gt',
  'gte',
  'contains',
  'starts_with',
  'is_null',
  'not_null',
] satisfies RowFilter['op'][];

/** Reads the view from a query string. What is not understood is left out: an old link still opens. */
export function readView(search: string): ViewState {
  const params = new URLSearchParams(search);
  const set = params.get('set') ?? '';
  return {
    set: (sets.includes(set) ? set : 'matched') as ResultSet,
    sort: params.get('sort') || null,
    filter: params.getAll('filter').flatMap(readFilter),
    q: params.get('q') ?? '',
    hide: params.getAll('hide').filter(Boolean),
    differences: readDifferences(params.getAll('diff')),
    row: /^\d{1,15}$/.test(params.get('row') ?? '') ? Number(params.get('row')) : null,
  };
}

function readFilter(text: string): RowFilter[] {
  // `op:column=value`; operators have no colon, and a column name is percent-encoded, so the parts are told apart.
  const match = /^([a-z_]+):([^=]+)(?:=([\s\S]*))?$/.exec(text);
  const [, op = '', column = '', value] = match ?? [];
  if (!ops.includes(op)) return [];
  try {
    return [
      { op: op as RowFilter['op'], column: decodeURIComponent(column), ...(value === undefined ? {} : { value }) },
    ];
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return [];
  }
}

function readDifferences(texts: string[]): Difference[] | null {
  if (texts.length === 0) return null;
  return texts.slice(0, MOST_DIFFERENCES).flatMap((text): Difference[] => {
    // `from~minus`, both percent-encoded, so that the sign between them is told apart.
    const parts = text.split('~');
    if (parts.length !== 2 || !parts[0] || !parts[1]) return [];
    try {
      return [[decodeURIComponent(parts[0]), decodeURIComponent(parts[1])]];
    } catch (error) {
      if (!(error instanceof URIError)) throw error;
      return [];
    }
  });
}

const encodeName = (name: string) => encodeURIComponent(name).replaceAll('~', '%7E');

/** Writes the view as a query string, without what is as usual. */
export function writeView(view: ViewState): string {
  const params = new URLSearchParams();
  if (view.set !== 'matched') params.set('set', view.set);
  if (view.sort) params.set('sort', view.sort);
  for (const { op, column, value } of view.filter) {
    const name = encodeURIComponent(column);
    params.append('filter', value === undefined ? `${op}:${name}` : `${op}:${name}=${value}`);
  }
  if (view.q) params.set('q', view.q);
  for (const name of view.hide) params.append('hide', name);
  if (view.differences?.length === 0) params.set('diff', 'none');
  for (const [from, minus] of view.differences ?? []) params.append('diff', `${encodeName(from)}~${encodeName(minus)}`);
  if (view.row !== null) params.set('row', String(view.row));
  const text = params.toString();
  return text ? `?${text}` : '';
}

/** The sort after a press on a column's header: ascending, descending, none. */
export function nextSort(sort: string | null, column: string): string | null {
  if (sort === column) return `-${column}`;
  return sort === `-${column}` ? null : column;
}

/** How a column is sorted, in the words of `aria-sort`. */
export function sortOf(sort: string | null, column: string): 'ascending' | 'descending' | 'none' {
  if (sort === column) return 'ascending';
  return sort === `-${column}` ? 'descending' : 'none';
}
