import type { ColumnInfo, Difference, JsonCell, RowFilter, Run } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { Button, formatCell, formatCount, visibleText } from '@kalla/ui';
import { CellValue } from './cell-value.tsx';
import { messages } from './messages.ts';
import { alignRow } from './align-row.ts';
import { differenceName, kindOf, type AlignedField } from './pair-columns.ts';
import { useLoaded } from './use-loaded.ts';
import type { RuleInUse } from './use-rule.ts';
import { plainView, type ViewState } from './view-state.ts';

type Values = Record<string, JsonCell>;

export interface MatchedRowProps {
  run: Run;
  /** Null for SQL that was written by hand. */
  rule: RuleInUse | null;
  columns: readonly ColumnInfo[];
  values: Values;
  differences: readonly Difference[];
  change(part: Partial<ViewState>): void;
}

/** A match, both sides beside each other, field by field, with what differs marked. */
export function MatchedRow({ run, rule, columns, values, differences, change }: MatchedRowProps) {
  const made = differences.map(differenceName);
  const fields = alignRow(
    columns.filter(({ name }) => !made.includes(name)),
    run,
    rule?.compared ?? null,
    differences,
  );
  return (
    <>
      <div className="k-table-scroll" tabIndex={0} role="group" aria-label={messages.theRow}>
        <table className="k-table rv-fields">
          <thead>
            <tr>
              <th scope="col">{run.left.alias}</th>
              <th scope="col">{run.right.alias}</th>
              <th scope="col">{messages.differenceHead}</th>
            </tr>
          </thead>
          <tbody>
            {fields.map((field) => (
              <FieldRow
                key={field.kind === 'pair' ? `${field.left.name} ${field.right.name}` : field.column.name}
                field={field}
                values={values}
                columns={columns}
                differences={differences}
                keys={[...run.left.primary_key, ...run.right.primary_key]}
              />
            ))}
          </tbody>
        </table>
      </div>
      <OtherMatches run={run} columns={columns} values={values} change={change} />
      <p className="k-soft rv-hint">{messages.keptByRule}</p>
    </>
  );
}

interface FieldRowProps {
  field: AlignedField;
  values: Values;
  columns: readonly ColumnInfo[];
  differences: readonly Difference[];
  /** Names of key columns: each side has its own, so that they differ says nothing. */
  keys: readonly string[];
}

function FieldRow({ field, values, columns, differences, keys }: FieldRowProps) {
  if (field.kind !== 'pair') {
    const { kind, column } = field;
    const cell = <Named column={column} value={values[column.name]} />;
    if (kind === 'left' || kind === 'right') {
      return (
        <tr>
          <td>{kind === 'left' && cell}</td>
          <td>{kind === 'right' && cell}</td>
          <td />
        </tr>
      );
    }
    return (
      <tr>
        <td colSpan={2}>{cell}</td>
        <td className="k-soft">{kind === 'both' ? messages.both : messages.fromRule}</td>
      </tr>
    );
  }
  const { left, right } = field;
  const isKey = (name: string) => keys.some((key) => name.toLowerCase().endsWith(key.toLowerCase()));
  const ownKeys = isKey(left.name) && isKey(right.name);
  const [a, b] = [values[left.name] ?? null, values[right.name] ?? null];
  const difference = differences.find((each) => each.includes(left.name) && each.includes(right.name));
  const column = difference && columns.find(({ name }) => name === differenceName(difference));
  const exact = column ? (values[column.name] ?? null) : null;
  const equal = exact === null ? a === b : /^-?0(\.0+)?$/.test(String(exact));
  return (
    <tr className={equal || ownKeys ? undefined : 'rv-differs'}>
      <td>
        <Named column={left} value={a} />
      </td>
      <td>
        <Named column={right} value={b} />
      </td>
      <td>
        {equal ? (
          <span className="k-soft">{messages.equal}</span>
        ) : column && exact !== null ? (
          <strong>
            <DifferenceText column={column} value={exact} days={kindOf(left) === 'day'} />
          </strong>
        ) : ownKeys ? null : (
          <strong>{messages.differs}</strong>
        )}
      </td>
    </tr>
  );
}

function DifferenceText({ column, value, days }: { column: ColumnInfo; value: JsonCell; days: boolean }) {
  const { locale } = usePanelHost();
  if (!days) return <CellValue column={column} value={value} />;
  return <span className="k-number">{messages.days(formatCell(value, column.type, locale).text)}</span>;
}

function Named({ column, value }: { column: ColumnInfo; value: JsonCell | undefined }) {
  return (
    <>
      <span className="rv-field-name">{visibleText(column.name)}</span>
      <CellValue column={column} value={value} />
    </>
  );
}

/** Says where a row of either side is in more than one match: the same payment for two invoices is what people look for. */
function OtherMatches({ run, columns, values, change }: Omit<MatchedRowProps, 'differences' | 'rule'>) {
  const { api, locale } = usePanelHost();
  const keys = (['left', 'right'] as const).flatMap((side) => {
    const filter = keyFilter(run, side, columns, values);
    return filter ? [{ alias: run[side].alias, filter }] : [];
  });
  const loaded = useLoaded(JSON.stringify([run.run_id, keys]), (signal) =>
    Promise.all(keys.map(({ filter }) => api.rows(run.run_id, 'matched', { offset: 0, limit: 0, filter, signal }))),
  );
  if (!loaded || 'error' in loaded) return null;
  return keys.map(({ alias, filter }, index) => {
    const rows = loaded.value[index]?.total ?? 1;
    if (rows <= 1) return null;
    return (
      <p key={alias} className="k-notice k-notice-warn rv-line">
        {messages.others(alias, formatCount(rows, locale))}{' '}
        <Button small onClick={() => change({ ...plainView, set: 'matched', filter })}>
          {messages.showThem}
        </Button>
      </p>
    );
  });
}

/** The conditions that pick the matches of one side's row; null where the result does not hold its key plainly. */
function keyFilter(
  run: Run,
  side: 'left' | 'right',
  columns: readonly ColumnInfo[],
  values: Values,
): RowFilter[] | null {
  const filter = run[side].primary_key.map((key): RowFilter | null => {
    const own = `${side}_${key}`.toLowerCase();
    const column =
      columns.find(({ name }) => name.toLowerCase() === own) ??
      columns.find(({ name }) => name.toLowerCase() === key.toLowerCase());
    const value = column && values[column.name];
    return column && value !== null && value !== undefined
      ? { column: column.name, op: 'eq', value: String(value) }
      : null;
  });
  return filter.every((each) => each !== null) ? (filter as RowFilter[]) : null;
}
