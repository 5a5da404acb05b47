import type { ColumnInfo, JsonCell } from '@kalla/core';
import { classNames } from './class-names.ts';
import { formatCell, isNumeric } from './format.ts';
import { useLocale } from './locale.tsx';
import { messages } from './messages.ts';
import { typeInWords } from './type-in-words.ts';
import { visibleText } from './visible-text.ts';
import { UnreadBar } from './unread-bar.tsx';
import { WideTable } from './wide-table.tsx';

/** Of a table with very many columns only some are read; the others have a head, and values when they are asked for. */
export interface ColumnsInPart {
  /** The columns whose values are in the rows. */
  read: ReadonlySet<string>;
  /** So many are read at a time. */
  most: number;
  busy: boolean;
  /** Reads these columns, and no others. */
  onRead(columns: string[]): void;
}

export interface DataTableProps {
  /** The name of the table. */
  label: string;
  columns: readonly ColumnInfo[];
  rows: readonly Record<string, JsonCell>[];
  /** Columns that are set apart, for example those of the key. */
  marked?: readonly string[];
  /** Absent: all columns are read. */
  part?: ColumnsInPart;
}

/** A few rows of a source as they will be read, each column with its type in words. The exact value is in the title. */
export function DataTable({ label, columns, rows, marked = [], part }: DataTableProps) {
  const locale = useLocale();
  return (
    <WideTable
      label={label}
      columns={columns}
      rows={rows}
      className="k-data-scroll"
      tableClassName="k-data"
      bar={part && ((view) => <UnreadBar part={part} columns={columns} {...view} />)}
      head={({ name, type }) => (
        <>
          <span className="k-data-name" title={name}>
            {visibleText(name)}
          </span>
          <span className="k-data-type">{typeInWords(type)}</span>
        </>
      )}
      headClass={({ name, type }) => cellClass(type, marked.includes(name))}
      cell={({ name, type }, row) => {
        const value = row[name];
        if (part && !part.read.has(name)) {
          return {
            text: <span className="k-data-empty">{messages.unreadCell}</span>,
            className: cellClass(type, marked.includes(name)),
          };
        }
        if (value === null || value === undefined) {
          return {
            text: <span className="k-data-empty">{messages.emptyCell}</span>,
            className: cellClass(type, marked.includes(name)),
          };
        }
        const cell = formatCell(value, type, locale);
        return {
          text: words(value, cell.text),
          title: cell.exact,
          className: classNames(cellClass(type, marked.includes(name)), cell.negative && 'k-negative'),
        };
      }}
    />
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
