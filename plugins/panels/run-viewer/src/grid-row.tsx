import type { ColumnInfo, JsonCell } from '@kalla/core';
import { classNames, formatCell, isNumeric } from '@kalla/ui';

/** A column, and the grid line that it begins at. */
export interface ShownColumn {
  column: number;
  line: number;
}

export interface GridRowProps {
  row: number;
  /** Distance from the top of the window, px. */
  top: number;
  columns: readonly ColumnInfo[];
  /** The columns that are in the document, each with its track of the template. */
  shown: readonly ShownColumn[];
  cells: Record<string, JsonCell> | undefined;
  made: readonly string[];
  template: string;
  width: number;
  locale: string;
  /** The active column, where the active cell is in this row. */
  active: number | null;
  opened: boolean;
  cellId(row: number, column: number): string;
  onActivate(column: number): void;
}

/** One row of the grid; grey in place of cells that are on their way. */
export function GridRow(props: GridRowProps) {
  const { row, top, columns, shown, cells, made, template, width, locale, active, opened, cellId, onActivate } = props;
  return (
    <div
      role="row"
      aria-rowindex={row + 2}
      aria-selected={opened}
      className={classNames('rv-row', row % 2 === 1 && 'rv-row-odd', opened && 'rv-row-opened')}
      style={{ gridTemplateColumns: template, transform: `translateY(${top}px)`, width }}
    >
      {shown.map(({ column: index, line }) => {
        const column = columns[index];
        if (!column) return null;
        const cell = formatCell(cells?.[column.name], column.type, locale);
        return (
          <div
            key={column.name}
            id={active === index ? cellId(row, index) : undefined}
            role="gridcell"
            aria-colindex={index + 1}
            style={{ gridColumn: line }}
            title={cell.exact || undefined}
            className={classNames(
              'rv-cell',
              isNumeric(column.type) && 'rv-cell-number',
              cell.negative && 'k-negative',
              made.includes(column.name) && /^-?0(\.0+)?$/.test(cell.exact) && 'rv-cell-zero',
              active === index && 'rv-cell-active',
            )}
            onMouseDown={() => onActivate(index)}
          >
            {cells ? cell.text : <span className="rv-placeholder" />}
          </div>
        );
      })}
    </div>
  );
}
