import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

type Outcome = 'completed' | 'failed' | 'cancelled';

/** What Prometheus reads: the runs, the queue, and the process itself (memory, event-loop lag). */
export class Metrics {
  readonly registry = new Registry();
  readonly #runs: Counter<'status'>;
  readonly #seconds: Histogram<'status'>;
  readonly #rows: Counter;

  constructor(now: { depth(): number; running(): number; processes(): number }) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.#runs = new Counter({
      name: 'kalla_worker_runs_total',
      help: 'Runs that ended, by status.',
      labelNames: ['status'],
      registers,
    });
    for (const status of ['completed', 'failed', 'cancelled']) this.#runs.inc({ status }, 0);
    this.#seconds = new Histogram({
      name: 'kalla_worker_run_seconds',
      help: 'Time from the start of a run to its end, by status.',
      labelNames: ['status'],
      buckets: [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
      registers,
    });
    this.#rows = new Counter({
      name: 'kalla_worker_rows_staged_total',
      help: 'Rows that were staged for runs.',
      registers,
    });
    const gauge = (name: string, help: string, value: () => number) => {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    };
    gauge('kalla_worker_queue_depth', 'Runs that wait for their turn.', now.depth);
    gauge('kalla_worker_runs_running', 'Runs that are going.', now.running);
    gauge('kalla_worker_child_processes', 'Child processes, idle ones included.', now.processes);
  }

  /** Starts the clock of a run; the returned function stops it. */
  runStarted(): (outcome: Outcome) => void {
    const stop = this.#seconds.startTimer();
    return (status) => stop({ status });
  }

  runFinished(status: Outcome): void {
    this.#runs.inc({ status });
  }

  rowsStaged(rows: number): void {
    this.#rows.inc(rows);
  }
}
