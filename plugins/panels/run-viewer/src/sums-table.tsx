import type { Run, Sums } from '@kalla/core';
import { Amount, subtractDecimals } from '@kalla/ui';
import { messages } from './messages.ts';
import type { SetName } from './result-sets.ts';

/**
 * The amounts of both sides per column: all rows, matched, unmatched. Matched is the difference of the two, since the sums of
 * the matched set count a row once for each of its matches.
 */
export function SumsTable({ run, sums, onShow }: { run: Run; sums: Sums; onShow(set: SetName): void }) {
  const rows = (['left', 'right'] as const).flatMap((side) => {
    const unmatched = sums[`unmatched_${side}`] ?? {};
    return Object.entries(sums[side] ?? {}).map(([column, total]) => ({
      side,
      column,
      total,
      unmatched: unmatched[column] ?? '0',
      matched: subtractDecimals(total, unmatched[column] ?? '0'),
    }));
  });
  if (rows.length === 0) return null;
  return (
    <section className="k-card" aria-labelledby="rv-sums">
      <h2 id="rv-sums">{messages.sums}</h2>
      <div className="k-table-scroll" tabIndex={0} role="group" aria-label={messages.sumsLabel}>
        <table className="k-table">
          <thead>
            <tr>
              <th scope="col">{messages.column}</th>
              <th scope="col" className="k-cell-number">
                {messages.total}
              </th>
              <th scope="col" className="k-cell-number">
                {messages.sumMatched}
              </th>
              <th scope="col" className="k-cell-number">
                {messages.sumUnmatched}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ side, column, total, matched, unmatched }) => {
              const set: SetName = `unmatched_${side}`;
              const alias = run[side].alias;
              return (
                <tr key={`${side} ${column}`}>
                  <td>
                    <span className="k-soft">{alias}.</span>
                    {column}
                  </td>
                  <td className="k-cell-number">
                    <Amount value={total} />
                  </td>
                  <td className="k-cell-number">{matched !== null && <Amount value={matched} />}</td>
                  <td className="k-cell-number">
                    <button
                      type="button"
                      className="rv-amount-link"
                      title={messages.openRows(messages.unmatchedIn(alias))}
                      onClick={() => onShow(set)}
                    >
                      <Amount value={unmatched} />
                    </button>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
