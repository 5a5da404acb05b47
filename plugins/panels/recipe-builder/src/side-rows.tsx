import type { ColumnInfo } from '@kalla/core';
import {
  classNames,
  formatCell,
  isNumeric,
  useLocale,
  typeInWords,
  visibleText,
  WideTable,
  type HeadPlace,
} from '@kalla/ui';
import { useState } from 'react';
import { otherSide, type SideName } from './draft.ts';
import { messages } from './messages.ts';
import { addCondition, newCondition } from './rule-edits.ts';
import { useTheBuilder, type Builder } from './use-builder.ts';

const text = messages.sides;

/** The first rows of a side. Its columns are compared with those of the other side by dragging, or by pressing one and another. */
export function SideRows({ side }: { side: SideName }) {
  const locale = useLocale();
  const { draft, data, picked } = useTheBuilder();
  const { columns, rows } = data[side];
  const alias = draft.sides[side]?.alias ?? '';
  if (!columns) return null;
  return (
    <div>
      <WideTable
        label={text.table(alias)}
        columns={columns}
        rows={rows}
        className="rb-rows"
        // The browser ends a drag whose column leaves the document.
        keep={picked?.side === side ? [picked.column] : []}
        head={(column, place) => <ColumnHead side={side} column={column} place={place} />}
        headClass={({ type }) => (isNumeric(type) ? 'k-cell-number' : undefined)}
        cell={(column, row) => {
          const cell = formatCell(row[column.name], column.type, locale);
          return {
            text: cell.text,
            title: cell.exact,
            className: classNames('rb-cell', isNumeric(column.type) && 'k-cell-number', cell.negative && 'k-negative'),
          };
        }}
      />
      {rows.length === 0 && <p className="k-soft">{text.empty}</p>}
    </div>
  );
}

/** Adds a condition over the column that was picked up and one of the other side. */
function pair({ picked, setPicked, columns, change }: Builder, side: SideName, column: ColumnInfo): void {
  const other = picked && columns[picked.side]?.find(({ name }) => name === picked.column);
  setPicked(null);
  if (!picked || !other || picked.side === side) return;
  const [left, right] = side === 'left' ? [column, other] : [other, column];
  change((before) => ({ ...before, rule: addCondition(before.rule, newCondition(left, right)) }));
}

function ColumnHead({ side, column, place }: { side: SideName; column: ColumnInfo; place: HeadPlace }) {
  const builder = useTheBuilder();
  const { draft, picked, setPicked } = builder;
  const [over, setOver] = useState(false);
  const name = visibleText(column.name);
  const type = typeInWords(column.type);
  const isPicked = picked?.side === side && picked.column === column.name;
  const isTarget = picked !== null && picked.side !== side;
  const used = draft.rule.conditions.flatMap((condition, index) =>
    condition[side] === column.name ? [index + 1] : [],
  );
  const ready = draft.sides[otherSide(side)] !== null && draft.sql === null;

  function press() {
    if (isTarget) pair(builder, side, column);
    else setPicked(isPicked ? null : { side, column: column.name });
  }

  return (
    <div
      role="button"
      {...place}
      className={classNames(
        'rb-column',
        isPicked && 'rb-column-picked',
        isTarget && 'rb-column-target',
        over && 'rb-column-over',
      )}
      title={column.name}
      aria-label={
        (isTarget ? text.pairWith(name, type, visibleText(picked.column)) : text.pick(name, type)) +
        (used.length > 0 ? `, ${text.usedIn(used.join(', '))}` : '')
      }
      aria-pressed={isPicked}
      aria-disabled={!ready || undefined}
      draggable={ready}
      onDragStart={(event) => {
        event.dataTransfer.setData('text/plain', column.name);
        event.dataTransfer.effectAllowed = 'link';
        setPicked({ side, column: column.name });
      }}
      onDragEnd={() => setPicked(null)}
      onDragOver={(event) => {
        if (!isTarget) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'link';
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        if (!isTarget) return;
        event.preventDefault();
        pair(builder, side, column);
      }}
      onClick={ready ? press : undefined}
      onKeyDown={(event) => {
        if (!ready || (event.key !== 'Enter' && event.key !== ' ')) return;
        event.preventDefault();
        press();
      }}
    >
      <span className="rb-column-name">
        {used.map((number) => (
          <span key={number} className="rb-number">
            {number}
          </span>
        ))}
        <span className="rb-column-label">{name}</span>
      </span>
      <span className="rb-column-type">{type}</span>
    </div>
  );
}
