import type { ColumnInfo } from '@kalla/core';
import { classNames, formatCell, isNumeric, useLocale, typeInWords, visibleText } from '@kalla/ui';
import { useId, useState } from 'react';
import { otherSide, type SideName } from './draft.ts';
import { messages } from './messages.ts';
import { addCondition, newCondition } from './rule-edits.ts';
import { useTheBuilder, type Builder } from './use-builder.ts';

const text = messages.sides;
/** From this many columns on they are searched. */
const MANY = 12;

/** The first rows of a side. Its columns are compared with those of the other side by dragging, or by pressing one and another. */
export function SideRows({ side }: { side: SideName }) {
  const id = useId();
  const locale = useLocale();
  const { draft, data } = useTheBuilder();
  const [search, setSearch] = useState('');
  const { columns, rows } = data[side];
  const alias = draft.sides[side]?.alias ?? '';
  if (!columns) return null;
  const wanted = search.trim().toLowerCase();
  const shown = wanted ? columns.filter(({ name }) => name.toLowerCase().includes(wanted)) : columns;
  return (
    <div>
      {columns.length > MANY && (
        <div className="rb-find">
          <label htmlFor={id} className="k-visually-hidden">
            {text.findColumn}
          </label>
          <input
            id={id}
            type="search"
            className="k-input"
            placeholder={text.findColumn}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </div>
      )}
      {shown.length === 0 ? (
        <p className="k-soft">{text.noColumn(search)}</p>
      ) : (
        <div className="k-table-scroll rb-rows" tabIndex={0} role="group" aria-label={text.table(alias)}>
          <table className="k-table">
            <thead>
              <tr>
                {shown.map((column) => (
                  <ColumnHead key={column.name} side={side} column={column} />
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <tr key={index}>
                  {shown.map((column) => {
                    const cell = formatCell(row[column.name], column.type, locale);
                    return (
                      <td
                        key={column.name}
                        title={cell.exact}
                        className={classNames(
                          'rb-cell',
                          isNumeric(column.type) && 'k-cell-number',
                          cell.negative && 'k-negative',
                        )}
                      >
                        {cell.text}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
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

function ColumnHead({ side, column }: { side: SideName; column: ColumnInfo }) {
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
    <th scope="col" className={isNumeric(column.type) ? 'k-cell-number' : undefined}>
      <div
        role="button"
        tabIndex={0}
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
    </th>
  );
}
