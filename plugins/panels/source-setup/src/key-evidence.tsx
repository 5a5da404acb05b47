import type { KeyProof } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { Badge, formatCell, formatCount, isNumeric, visibleText } from '@kalla/ui';
import { messages } from './messages.ts';

/** What was counted about a key: rows, different values, and where it does not hold, how often and with which values. */
export function KeyEvidence({ proof }: { proof: KeyProof }) {
  const { locale } = usePanelHost();
  const number = (value: number) => formatCount(value, locale);
  const counted = proof.complete ? messages.proof : messages.proofPartial;
  const origin = messages.origins[proof.origin === 'data' && !proof.unique ? 'closest' : proof.origin];
  if (proof.rows === 0) return <p>{messages.emptyProof}</p>;
  return (
    <>
      <p className="ss-verdict">
        <Badge tone={proof.unique ? 'good' : 'warn'}>{proof.unique ? messages.tellsApart : messages.doesNot}</Badge>
        <strong className="k-number">{counted(number(proof.rows), number(proof.distinct))}</strong>
        {origin && <span className="k-soft">{origin}</span>}
      </p>
      {!proof.unique && (
        <div className="k-notice k-notice-warn">
          {proof.duplicate_rows > 0 && <p>{messages.shared(number(proof.duplicate_rows))}</p>}
          {proof.null_rows > 0 && (
            <p>{proof.null_rows === 1 ? messages.emptyOne : messages.empty(number(proof.null_rows))}</p>
          )}
          <p>{messages.whatThen}</p>
          {proof.examples.length > 0 && <Examples proof={proof} />}
        </div>
      )}
    </>
  );
}

function Examples({ proof }: { proof: KeyProof }) {
  const { locale } = usePanelHost();
  return (
    <div className="k-table-scroll" tabIndex={0} role="group" aria-label={messages.examples}>
      <table className="k-table ss-examples">
        <caption>{messages.examples}</caption>
        <thead>
          <tr>
            {proof.types.map(({ name, type }) => (
              <th key={name} scope="col" className={isNumeric(type) ? 'k-cell-number' : undefined}>
                {visibleText(name)}
              </th>
            ))}
            <th scope="col" className="k-cell-number">
              {messages.exampleRows}
            </th>
          </tr>
        </thead>
        <tbody>
          {proof.examples.map(({ values, rows }, index) => (
            <tr key={index}>
              {proof.types.map(({ name, type }) => {
                const cell = formatCell(values[name], type, locale);
                return (
                  <td key={name} title={cell.exact} className={isNumeric(type) ? 'k-cell-number' : undefined}>
                    {visibleText(cell.text)}
                  </td>
                );
              })}
              <td className="k-cell-number">{formatCount(rows, locale)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
