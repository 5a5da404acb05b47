import type { ColumnInfo } from '@kalla/core';
import { classNames, isNumeric, visibleText } from '@kalla/ui';
import type { ShownColumn } from './grid-row.tsx';
import { messages } from './messages.ts';
import { sortOf } from './view-state.ts';

export interface GridHeaderProps {
  columns: readonly ColumnInfo[];
  shown: readonly ShownColumn[];
  sort: string | null;
  template: string;
  width: number;
  /** The column of the active cell while that is in the header. */
  active: number | null;
  cellId(row: number, column: number): string;
  onSort(column: string): void;
}

/** The names of the columns. A press sorts; with the keyboard one comes here with the arrow keys and presses Enter. */
export function GridHeader({ columns, shown, sort, template, width, active, cellId, onSort }: GridHeaderProps) {
  return (
    <div role="rowgroup" className="rv-head" style={{ width }}>
      <div role="row" aria-rowindex={1} className="rv-row" style={{ gridTemplateColumns: template }}>
        {shown.map(({ column: index, line }) => {
          const column = columns[index];
          if (!column) return null;
          const direction = sortOf(sort, column.name);
          return (
            <div
              key={column.name}
              id={active === index ? cellId(-1, index) : undefined}
              role="columnheader"
              aria-colindex={index + 1}
              style={{ gridColumn: line }}
              aria-sort={direction}
              className={classNames(
                'rv-cell',
                isNumeric(column.type) && 'rv-cell-number',
                active === index && 'rv-cell-active',
              )}
            >
              <button
                type="button"
                tabIndex={-1}
                className="rv-sort"
                title={`${messages.sortBy(column.name)} (${column.type})`}
                onClick={() => onSort(column.name)}
              >
                <span className="rv-sort-name">{visibleText(column.name)}</span>
                <span aria-hidden="true">{{ ascending: '▲', descending: '▼', none: '' }[direction]}</span>
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}
