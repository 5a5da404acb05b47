import type { Run } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { useEffect, useState } from 'react';

/** The run as it is now; follows it until it has ended. Null until the first state is known. */
export function useRun(runId: string, initial: Run | undefined): Run | null {
  const { api } = usePanelHost();
  const [run, setRun] = useState<Run | null>(initial ?? null);
  const ended = initial !== undefined && hasEnded(initial);
  useEffect(() => {
    if (ended) return;
    return api.watchRun(runId, setRun);
  }, [api, runId, ended]);
  return run;
}

/** True once nothing more will change. The same as `isFinished` of @kalla/core, which would bring all schemas along. */
export function hasEnded(run: Run): boolean {
  return run.status === 'completed' || run.status === 'failed' || run.status === 'cancelled';
}
