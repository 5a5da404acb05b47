import type { CellRelation, ColumnInfo, JsonCell } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { Button, classNames, formatDecimal, isNegative, visibleText } from '@kalla/ui';
import type { ReactNode } from 'react';
import { alignCandidate } from './align-candidate.ts';
import { CellValue } from './cell-value.tsx';
import { absolute } from './decimal-share.ts';
import { messages } from './messages.ts';

export interface OneRow {
  alias: string;
  columns: readonly ColumnInfo[];
  values: Record<string, JsonCell>;
}

export interface CandidateCardProps {
  own: OneRow;
  other: OneRow;
  relations: readonly CellRelation[];
  /** Columns of the two rows that the rule compares. */
  compared: readonly (readonly [own: string, other: string])[];
  /** What the rule says of the two rows. */
  verdicts?: ReactNode;
  open: boolean;
  onGo(): void;
}

/** A row that comes near: in words what agrees and what does not, and both rows field by field. */
export function CandidateCard({ own, other, relations, compared, verdicts, open, onGo }: CandidateCardProps) {
  const { locale } = usePanelHost();
  const aligned = relations.filter(
    (relation, index) =>
      relations.findIndex((each) => each.own === relation.own || each.other === relation.other) === index,
  );
  const line = (left: ColumnInfo | undefined, right: ColumnInfo | undefined, relation?: CellRelation) => (
    <tr key={`${left?.name} ${right?.name}`} className={relation?.relation === 'different' ? 'rv-differs' : undefined}>
      <td>{left && <Named column={left} row={own} />}</td>
      <td>{right && <Named column={right} row={other} />}</td>
      <td>{relation && <RelationText relation={relation} locale={locale} />}</td>
    </tr>
  );
  return (
    <details className="rv-candidate" open={open}>
      <summary>{sentenceOf(aligned, locale)}</summary>
      {verdicts}
      <div className="k-table-scroll" tabIndex={0} role="group" aria-label={`${own.alias}, ${other.alias}`}>
        <table className="k-table rv-fields">
          <thead>
            <tr>
              <th scope="col">{own.alias}</th>
              <th scope="col">{other.alias}</th>
              <th scope="col">{messages.differenceHead}</th>
            </tr>
          </thead>
          <tbody>
            {alignCandidate(own.columns, other.columns, aligned, compared).map((one) =>
              line(one.own, one.other, one.relation),
            )}
          </tbody>
        </table>
      </div>
      <Button small onClick={onGo}>
        {messages.goToRow}
      </Button>
    </details>
  );
}

function Named({ column, row }: { column: ColumnInfo; row: OneRow }) {
  return (
    <>
      <span className="rv-field-name">{visibleText(column.name)}</span>
      <CellValue column={column} value={row.values[column.name]} />
    </>
  );
}

function RelationText({ relation, locale }: { relation: CellRelation; locale: string }) {
  const differs = relation.relation === 'different';
  return <span className={classNames(differs ? 'rv-mark' : 'k-soft')}>{relationText(relation, locale)}</span>;
}

/** What one pair of cells says, for example `25.00 less`. */
export function relationText({ kind, relation, difference }: CellRelation, locale: string): string {
  if (relation === 'different' && difference !== undefined) {
    const up = !isNegative(difference);
    const size = formatDecimal(absolute(difference), locale);
    if (kind === 'amount') return messages.amountOff(size, up);
    if (kind === 'date') return messages.daysOff(size, up);
  }
  const texts = messages.relation as Record<string, Record<string, string> | undefined>;
  return texts[kind === 'text' ? 'reference' : kind]?.[relation] ?? messages.differs;
}

/** What the row has in common and what not, in one line: `same reference · 25.00 less · 1 day later`. */
export function sentenceOf(relations: readonly CellRelation[], locale: string): string {
  return (
    [...new Set(relations.map((relation) => relationText(relation, locale)))].join(' · ') || messages.nothingInCommon
  );
}
