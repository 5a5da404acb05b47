import type { ColumnInfo, JsonCell } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { classNames, formatCell, isNumeric } from '@kalla/ui';

/** A cell in a list of fields: written as the reader does, its exact value in the title; an empty one is said to be empty. */
export function CellValue({ column, value }: { column: Pick<ColumnInfo, 'type'>; value: JsonCell | undefined }) {
  const { locale } = usePanelHost();
  const cell = formatCell(value, column.type, locale);
  if (value === null || value === undefined || cell.exact === '') return <span className="k-soft">–</span>;
  return (
    <span
      className={classNames('rv-value-text', isNumeric(column.type) && 'k-number', cell.negative && 'k-negative')}
      title={cell.exact}
    >
      {cell.text}
    </span>
  );
}
