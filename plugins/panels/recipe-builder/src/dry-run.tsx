import type { ColumnInfo, JsonCell, Preview, ResultSet } from '@kalla/core';
import {
  classNames,
  Count,
  formatCell,
  formatCount,
  isNumeric,
  NoteList,
  ProblemNotice,
  Skeleton,
  Tabs,
  useLocale,
  visibleText,
  WideTable,
} from '@kalla/ui';
import { useState } from 'react';
import { changesInWords } from './column-changes.ts';
import { sideNames } from './draft.ts';
import { messages } from './messages.ts';
import { useTheBuilder } from './use-builder.ts';

const text = messages.dryRun;

/** The real rule on the real rows: the three sets, the most doubtful pairs first. */
export function DryRun() {
  const { draft, data, preview, need } = useTheBuilder();
  const [set, setSet] = useState<ResultSet>('matched');
  const { left, right } = draft.sides;
  const { value, busy, fresh, problem } = preview;
  if (!left || !right) return null;
  const changed = sideNames.flatMap((side) => {
    const { label, changes } = data[side];
    return changes ? [changesInWords(label, changes)] : [];
  });
  const names: Record<ResultSet, string> = {
    matched: text.matched,
    unmatched_left: text.sets(left.alias),
    unmatched_right: text.sets(right.alias),
  };
  return (
    <section aria-labelledby="rb-dry-run" className="rb-section">
      <div className="rb-head">
        <h2 id="rb-dry-run">{text.title}</h2>
        <span className="k-soft">{text.intro}</span>
      </div>
      {problem && <ProblemNotice title={text.failed} problem={problem} />}
      {!value &&
        !problem &&
        (busy ? (
          <Skeleton lines={6} label={text.running} />
        ) : (
          <p className="k-soft">{[...changed, need ? messages.save.needs[need] : text.waiting].join(' ')}</p>
        ))}
      {value && (
        <div className={classNames('k-card rb-dry', !fresh && 'rb-counts-stale')} aria-busy={!fresh}>
          <Tabs
            label={text.label}
            selected={set}
            onSelect={(id) => setSet(id as ResultSet)}
            tabs={(['matched', 'unmatched_left', 'unmatched_right'] as const).map((id) => ({
              id,
              label: (
                <>
                  {names[id]} <span className="k-soft">{<Count value={value.counts[id]} />}</span>
                </>
              ),
            }))}
          >
            <Rows preview={value} set={set} name={names[set]} />
          </Tabs>
          {value.sampled && <p className="k-soft">{messages.counts.sampled}</p>}
          <NoteList label={messages.proposals.notes} notes={value.warnings} />
        </div>
      )}
    </section>
  );
}

function Rows({ preview, set, name }: { preview: Preview; set: ResultSet; name: string }) {
  const locale = useLocale();
  const rows = preview[set];
  const columns = preview.columns[set];
  const all = preview.counts[set];
  if (rows.length === 0) return <p className="k-soft">{set === 'matched' ? text.none.matched : text.none.unmatched}</p>;
  const twins = set === 'matched' ? twinsOf(columns) : new Map<string, string>();
  return (
    <>
      <p className="k-soft rb-hint">
        {rows.length < all && text.first(formatCount(rows.length, locale), formatCount(all, locale))}{' '}
        {set === 'matched' && text.doubtful}
      </p>
      <WideTable
        label={text.table(name)}
        columns={columns}
        rows={rows}
        className="rb-rows rb-dry-rows"
        head={(column) => <span title={column.name}>{visibleText(column.name)}</span>}
        headClass={({ type }) => (isNumeric(type) ? 'k-cell-number' : undefined)}
        cell={(column, row) => {
          const cell = formatCell(row[column.name], column.type, locale);
          const twin = twins.get(column.name);
          const differs = twin !== undefined && plain(row[twin]) !== plain(row[column.name]);
          return {
            text: cell.text,
            title: differs ? `${cell.exact} (${text.differs})` : cell.exact,
            className: classNames(
              'rb-cell',
              isNumeric(column.type) && 'k-cell-number',
              cell.negative && 'k-negative',
              differs && 'rb-differs',
            ),
          };
        }}
      />
    </>
  );
}

/** `1.50` and `1.5` are the same amount, whatever the scales of their columns. */
function plain(cell: JsonCell | undefined): string {
  const written = String(cell ?? '');
  return /^-?\d+\.\d+$/.test(written) ? written.replace(/\.?0+$/, '') : written;
}

/** Columns of both sides that are compared with each other, as the result names them: `left_x` and `right_x`. */
export function twinsOf(columns: readonly ColumnInfo[]): Map<string, string> {
  const names = new Set(columns.map(({ name }) => name));
  const twins = new Map<string, string>();
  for (const { name } of columns) {
    if (!name.startsWith('left_')) continue;
    const other = `right_${name.slice(5)}`;
    if (!names.has(other)) continue;
    twins.set(name, other);
    twins.set(other, name);
  }
  return twins;
}
