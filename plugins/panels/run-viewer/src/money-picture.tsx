import type { Run, RunSummary } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { Amount, Button, formatCount, formatDecimal, isNegative } from '@kalla/ui';
import { Fragment, useState } from 'react';
import { absolute, isLarger, thousandths } from './decimal-share.ts';
import { messages } from './messages.ts';
import { moneyOf, type CurrencyMoney, type MoneyLine } from './money.ts';
import type { SetName } from './result-sets.ts';

export interface MoneyPictureProps {
  run: Run;
  summary: RunSummary | null;
  /** Shows a set; `currency` as in `CurrencyMoney`. */
  onShow(set: SetName, currency: string | null | undefined): void;
}

/** Currencies that are shown at first, and amounts of each side in one of them: a wide file has hundreds. */
const FEW = 6;
const FEW_AMOUNTS = 8;

/**
 * Where the money is: for each currency and side what matched and what did not, as bars on one scale and as exact amounts.
 * The amounts are buttons that lead to their rows; the bars do the same for those who point at them.
 */
export function MoneyPicture({ run, summary, onShow }: MoneyPictureProps) {
  const { locale } = usePanelHost();
  const [all, setAll] = useState(false);
  const money = moneyOf(run, summary).filter((each) => each.lines.length > 0);
  if (money.length === 0) return null;
  const shown = all ? money : money.slice(0, FEW);
  return (
    <section className="k-card rv-money" aria-labelledby="rv-money">
      <h2 id="rv-money">{messages.money}</h2>
      <div className="k-table-scroll" tabIndex={0} role="group" aria-label={messages.moneyLabel}>
        <table className="k-table rv-money-table">
          <thead>
            <tr>
              <th scope="col">{messages.currency}</th>
              <th scope="col">{messages.column}</th>
              <th scope="col" className="rv-money-bar-head">
                {messages.picture}
              </th>
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
            {shown.map((each) => (
              <CurrencyRows key={`${each.currency}`} run={run} money={each} onShow={onShow} />
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < money.length && (
        <Button small onClick={() => setAll(true)}>
          {messages.moreCurrencies(formatCount(money.length, locale))}
        </Button>
      )}
      <p className="k-soft rv-hint">{messages.moneyHint}</p>
    </section>
  );
}

interface CurrencyRowsProps {
  run: Run;
  money: CurrencyMoney;
  onShow: MoneyPictureProps['onShow'];
}

function CurrencyRows({ run, money, onShow }: CurrencyRowsProps) {
  const { locale } = usePanelHost();
  const [all, setAll] = useState(false);
  const { currency, lines, difference } = money;
  const few = (['left', 'right'] as const).flatMap((side) =>
    lines.filter((line) => line.side === side).slice(0, FEW_AMOUNTS),
  );
  const shown = all ? lines : few;
  const more = shown.length < lines.length;
  const longest = lines
    .flatMap((line) => [absolute(line.all), absolute(line.matched), absolute(line.unmatched)])
    .reduce((most, each) => (isLarger(each, most) ? each : most), '0');
  const name = currency === undefined ? '' : (currency ?? messages.noCurrency);
  return (
    <Fragment>
      {shown.map((line, index) => {
        const what = [`${run[line.side].alias}.${line.column}`, name].filter(Boolean).join(' ');
        const unmatched: SetName = `unmatched_${line.side}`;
        return (
          <tr key={`${line.side} ${line.column}`} className={index === 0 ? 'rv-money-first' : undefined}>
            {index === 0 && (
              <th
                scope="rowgroup"
                rowSpan={shown.length + (difference ? 1 : 0) + (more ? 1 : 0)}
                className="rv-money-currency"
              >
                {name || '–'}
              </th>
            )}
            <td>
              <span className="k-soft">{run[line.side].alias}.</span>
              {line.column}
            </td>
            <td className="rv-money-bar">
              <MoneyBar
                what={what}
                line={line}
                longest={longest}
                onMatched={() => onShow('matched', currency)}
                onUnmatched={() => onShow(unmatched, currency)}
              />
            </td>
            <td className="k-cell-number">
              <Amount value={line.all} />
            </td>
            <td className="k-cell-number">
              <AmountLink
                value={line.matched}
                what={messages.matchedOf(what)}
                onPress={() => onShow('matched', currency)}
              />
            </td>
            <td className="k-cell-number">
              <AmountLink
                value={line.unmatched}
                what={messages.unmatchedOf(what)}
                onPress={() => onShow(unmatched, currency)}
              />
            </td>
          </tr>
        );
      })}
      {more && (
        <tr className="rv-money-more">
          <td colSpan={5}>
            <Button small onClick={() => setAll(true)}>
              {messages.moreAmounts(formatCount(lines.length, locale))}
            </Button>
          </td>
        </tr>
      )}
      {difference && (
        <tr className="rv-money-difference">
          <td colSpan={2}>{messages.differenceOf(run.left.alias, run.right.alias)}</td>
          {([difference.all, difference.matched, difference.unmatched] as const).map((value, index) => (
            <td key={index} className="k-cell-number">
              <span className="rv-amount-plain">
                <Amount value={value} />
              </span>
            </td>
          ))}
        </tr>
      )}
    </Fragment>
  );
}

interface BarProps {
  what: string;
  line: MoneyLine;
  longest: string;
  onMatched(): void;
  onUnmatched(): void;
}

/** Two bars end to end. It is an SVG, whose widths are attributes, so that no style has to be allowed by the content policy. */
function MoneyBar({ what, line, longest, onMatched, onUnmatched }: BarProps) {
  const { locale } = usePanelHost();
  const { matched, unmatched, side } = line;
  // With signs that differ the two are longer together than the whole; then each gets half of the room.
  const room = isNegative(matched) !== isNegative(unmatched) ? 2 : 1;
  const [first, second] = [matched, unmatched].map((value) => thousandths(value, longest) / room) as [number, number];
  const label = messages.pictureOf(what, formatDecimal(matched, locale), formatDecimal(unmatched, locale));
  return (
    <svg role="img" aria-label={label} width="100%" height="14" viewBox="0 0 1000 14" preserveAspectRatio="none">
      <rect className="k-bar-track" width="1000" height="14" />
      <rect
        className={`k-tone-matched rv-bar-part${isNegative(matched) ? ' rv-bar-negative' : ''}`}
        width={first}
        height="14"
        onClick={onMatched}
      />
      <rect
        className={`k-tone-${side} rv-bar-part${isNegative(unmatched) ? ' rv-bar-negative' : ''}`}
        x={first}
        width={second}
        height="14"
        onClick={onUnmatched}
      />
    </svg>
  );
}

function AmountLink({ value, what, onPress }: { value: string; what: string; onPress(): void }) {
  return (
    <button type="button" className="rv-amount-link" title={messages.openRows(what)} onClick={onPress}>
      <Amount value={value} />
    </button>
  );
}
