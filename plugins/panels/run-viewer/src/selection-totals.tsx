import type { ColumnInfo, Difference, RowFilter, SelectionSummary } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { Amount, Count } from '@kalla/ui';
import { messages } from './messages.ts';
import type { SetName } from './result-sets.ts';
import { useLoaded } from './use-loaded.ts';

export interface SelectionTotalsProps {
  runId: string;
  set: SetName;
  columns: readonly ColumnInfo[];
  filter: RowFilter[];
  q: string;
  differences: Difference[];
}

const MOST_COLUMNS = 6;

/** What the rows in the table come to, by currency; nothing where they hold no amount. */
export function SelectionTotals({ runId, set, columns, filter, q, differences }: SelectionTotalsProps) {
  const { api } = usePanelHost();
  const search = new URLSearchParams();
  if (filter.length > 0) search.set('filter', JSON.stringify(filter));
  if (q) search.set('q', q);
  if (differences.length > 0) search.set('differences', JSON.stringify(differences));
  const path = `/api/runs/${encodeURIComponent(runId)}/results/${set}/summary?${search}`;
  const loaded = useLoaded(path, (signal) => api.request<SelectionSummary>('GET', path, undefined, signal));
  const amounts = columns.filter(({ type }) => /^decimal\(\d+,[1-9]/.test(type)).slice(0, MOST_COLUMNS);
  // The table says why rows cannot be had; the sums below it need not say it again.
  if (amounts.length === 0 || !loaded || 'error' in loaded) return null;
  const { column, groups } = loaded.value.by_currency;
  if (groups.length === 0 || loaded.value.rows === 0) return null;
  return (
    <div className="k-table-scroll rv-totals" tabIndex={0} role="group" aria-label={messages.totals}>
      <table className="k-table">
        <caption>{messages.totals}</caption>
        <thead>
          <tr>
            {column !== null && <th scope="col">{messages.currency}</th>}
            <th scope="col" className="k-cell-number">
              {messages.rowsCount}
            </th>
            {amounts.map(({ name }) => (
              <th key={name} scope="col" className="k-cell-number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map(({ currency, rows, sums }) => (
            <tr key={`${currency}`}>
              {column !== null && <th scope="row">{currency ?? messages.noCurrency}</th>}
              <td className="k-cell-number">
                <Count value={rows} />
              </td>
              {amounts.map(({ name }) => (
                <td key={name} className="k-cell-number">
                  {sums[name] !== undefined && <Amount value={sums[name]} />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
