import type { Candidate, Candidates, ColumnInfo, JsonCell, Run } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { Skeleton, visibleText } from '@kalla/ui';
import { CandidateCard } from './candidate-card.tsx';
import { CellValue } from './cell-value.tsx';
import { comparedInSql } from './compared-in-sql.ts';
import { messages } from './messages.ts';
import type { SetName } from './result-sets.ts';
import { RuleVerdicts } from './rule-verdicts.tsx';
import { useLoaded } from './use-loaded.ts';
import type { RuleInUse } from './use-rule.ts';
import { plainView, type ViewState } from './view-state.ts';

export interface UnmatchedRowProps {
  run: Run;
  /** Null for SQL that was written by hand, undefined while that is not known. */
  rule: RuleInUse | null | undefined;
  set: Exclude<SetName, 'matched'>;
  row: number;
  columns: readonly ColumnInfo[];
  values: Record<string, JsonCell>;
  change(part: Partial<ViewState>): void;
}

/** An unmatched row: its fields, and why it is alone, as far as its values and those of the other rows tell. */
export function UnmatchedRow({ run, rule, set, row, columns, values, change }: UnmatchedRowProps) {
  const { api } = usePanelHost();
  const side = set === 'unmatched_left' ? 'left' : 'right';
  const otherSide = side === 'left' ? 'right' : 'left';
  const other: SetName = `unmatched_${otherSide}`;
  const alias = run[otherSide].alias;
  const path = `/api/runs/${encodeURIComponent(run.run_id)}/results/${set}/rows/${row}/candidates`;
  const loaded = useLoaded(path, (signal) => api.request<Candidates>('GET', path, undefined, signal));
  const emptyKeys = run[side].primary_key.filter((key) => {
    const column = columns.find(({ name }) => name.toLowerCase() === key.toLowerCase());
    return column !== undefined && (values[column.name] ?? null) === null;
  });
  const own = { alias: run[side].alias, columns, values };
  const conditions = rule
    ? rule.rule.conditions.map(({ left, right }) => [left, right] as const)
    : comparedInSql(run.match_sql, run.left, run.right);
  const compared = conditions.map(([left, right]) =>
    side === 'left' ? ([left, right] as const) : ([right, left] as const),
  );
  const verdictsWith = (of: RuleInUse, theirs: ColumnInfo[], candidate: Candidate) => {
    const there = { alias, columns: theirs, values: candidate.values };
    return <RuleVerdicts of={of} left={side === 'left' ? own : there} right={side === 'left' ? there : own} />;
  };
  const list = (title: string, to: SetName, found: { columns: ColumnInfo[]; rows: Candidate[] }, name: string) => (
    <section className="rv-candidates" aria-label={title}>
      <h3>{title}</h3>
      {to === 'matched' && <p className="k-soft rv-hint">{messages.takenHint}</p>}
      {found.rows.map((candidate, index) => (
        <CandidateCard
          key={candidate.row}
          own={own}
          other={{ alias: name, columns: found.columns, values: candidate.values }}
          relations={candidate.relations}
          compared={to === 'matched' ? [] : compared}
          verdicts={rule && to !== 'matched' && verdictsWith(rule, found.columns, candidate)}
          open={index === 0 && to !== 'matched'}
          onGo={() => change({ ...plainView, set: to, row: candidate.row })}
        />
      ))}
    </section>
  );

  return (
    <>
      <table className="k-table rv-fields" aria-label={messages.theRow}>
        <tbody>
          {columns.map((column) => (
            <tr key={column.name}>
              <th scope="row">{visibleText(column.name)}</th>
              <td>
                <CellValue column={column} value={values[column.name]} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3 className="rv-why">{messages.why}</h3>
      {emptyKeys.length > 0 && (
        <p className="k-notice k-notice-warn rv-line">{messages.nullKey(emptyKeys.join(', '))}</p>
      )}
      {!loaded && (
        <>
          <p role="status">{messages.looking(alias)}</p>
          <Skeleton lines={4} />
        </>
      )}
      {loaded && 'error' in loaded && (
        <p className="k-notice k-notice-bad" role="alert">
          {loaded.error.message}
        </p>
      )}
      {loaded && 'value' in loaded && (
        <>
          {loaded.value.unmatched.rows.length === 0 && <p role="status">{messages.noCandidate(alias)}</p>}
          {loaded.value.unmatched.rows.length > 0 &&
            list(messages.nearest(alias), other, loaded.value.unmatched, alias)}
          {loaded.value.matched.rows.length > 0 &&
            list(messages.taken, 'matched', loaded.value.matched, messages.sets.matched)}
          <p>
            <span className="k-soft">{messages.theRule}:</span> {run.match_description}
          </p>
          <p className="k-soft rv-hint">{rule ? messages.candidatesByRule : messages.candidatesHint}</p>
        </>
      )}
    </>
  );
}
