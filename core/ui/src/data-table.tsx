import type { ColumnInfo, JsonCell } from '@kalla/core';
import { classNames } from './class-names.ts';
import { formatCell, isNumeric } from './format.ts';
import { useLocale } from './locale.tsx';
import { messages } from './messages.ts';
import { typeInWords } from './type-in-words.ts';
import { visibleText } from './visible-text.ts';

export interface DataTableProps {
  /** The name of the table. */
  label: string;
  columns: readonly ColumnInfo[];
  rows: readonly Record<string, JsonCell>[];
  /** Columns that are set apart, for example those of the key. */
  marked?: readonly string[];
}

/** A few rows of a source as they will be read, each column with its type in words. The exact value is in the title. */
export function DataTable({ label, columns, rows, marked = [] }: DataTableProps) {
  const locale = useLocale();
  return (
    <div className="k-table-scroll k-data-scroll" tabIndex={0} role="group" aria-label={label}>
      <table className="k-table k-data">
        <thead>
          <tr>
            {columns.map(({ name, type }) => (
              <th key={name} scope="col" className={cellClass(type, marked.includes(name))}>
                <span className="k-data-name" title={name}>
                  {visibleText(name)}
                </span>
                <span className="k-data-type">{typeInWords(type)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {columns.map(({ name, type }) => {
                const value = row[name];
                const empty = value === null || value === undefined;
                const cell = formatCell(value, type, locale);
                return (
                  <td
                    key={name}
                    title={empty ? undefined : cell.exact}
                    suppressHydrationWarning
                    className={classNames(cellClass(type, marked.includes(name)), cell.negative && 'k-negative')}
                  >
                    {empty ? <span className="k-data-empty">{messages.emptyCell}</span> : words(value, cell.text)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A boolean as a word, line breaks as their sign: a row is one line. */
function words(value: JsonCell, text: string): string {
  if (typeof value === 'boolean') return value ? messages.yes : messages.no;
  return visibleText(text);
}

function cellClass(type: string, marked: boolean): string {
  return classNames(isNumeric(type) && 'k-cell-number', marked && 'k-data-marked');
}
