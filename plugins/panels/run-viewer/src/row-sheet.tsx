import type { Difference, Run, RowsPage } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { Button, formatCount, Sheet, Skeleton } from '@kalla/ui';
import { MatchedRow } from './matched-row.tsx';
import { messages } from './messages.ts';
import type { SetName } from './result-sets.ts';
import { UnmatchedRow } from './unmatched-row.tsx';
import { useLoaded } from './use-loaded.ts';
import { useRule } from './use-rule.ts';
import type { ViewState } from './view-state.ts';

export interface RowSheetProps {
  run: Run;
  set: SetName;
  setLabel: string;
  /** Place of the row in the file of its set; null: closed. */
  row: number | null;
  differences: Difference[];
  /** Whether the table knows which row comes before and after. */
  canStep: boolean;
  onStep(by: 1 | -1): void;
  onClose(): void;
  change(part: Partial<ViewState>): void;
}

/** One row, opened: for a match both sides field by field, for an unmatched row why it is alone. */
export function RowSheet(props: RowSheetProps) {
  const { run, set, setLabel, row, differences, canStep, onStep, onClose, change } = props;
  const { api, locale } = usePanelHost();
  const made = set === 'matched' ? differences : [];
  const loaded = useLoaded<RowsPage>(
    row === null ? null : JSON.stringify([run.run_id, set, row, made]),
    // Without an order the rows come as they lie in the file, so a place is an offset.
    (signal) => api.rows(run.run_id, set, { offset: row ?? 0, limit: 1, differences: made, signal }),
  );
  const rule = useRule(run, row !== null);
  const page = loaded && 'value' in loaded ? loaded.value : null;
  const values = page?.rows[0];
  return (
    <Sheet
      open={row !== null}
      title={row === null ? '' : messages.rowTitle(setLabel, formatCount(row + 1, locale))}
      onClose={onClose}
      tools={
        canStep && (
          <>
            <Button small aria-label={messages.previousRow} onClick={() => onStep(-1)}>
              <span aria-hidden="true">↑</span>
            </Button>
            <Button small aria-label={messages.nextRow} onClick={() => onStep(1)}>
              <span aria-hidden="true">↓</span>
            </Button>
          </>
        )
      }
    >
      {(!loaded || (values && set === 'matched' && rule === undefined)) && <Skeleton lines={8} />}
      {loaded && 'error' in loaded && (
        <p className="k-notice k-notice-bad" role="alert">
          {loaded.error.message}
        </p>
      )}
      {page && !values && <p>{messages.rowGone}</p>}
      {page && values && set === 'matched' && rule !== undefined && (
        <MatchedRow run={run} rule={rule} columns={page.columns} values={values} differences={made} change={change} />
      )}
      {page && values && set !== 'matched' && row !== null && (
        <UnmatchedRow
          run={run}
          rule={rule}
          set={set}
          row={row}
          columns={page.columns}
          values={values}
          change={change}
        />
      )}
    </Sheet>
  );
}
