import { setImmediate } from 'node:timers/promises';
import { quoteIdentifier, quoteLiteral, type ColumnInfo, type RuleSource } from '@kalla/core';
import { Engine, type RunOptions } from '../engine/engine.ts';
import type { StagedSource } from '../engine/staged-source.ts';
import type { TaskContext } from '../task-contract.ts';

/** Which side something is about. */
export type SideName = 'left' | 'right';
/** Something of each side. */
export type Both<T> = Readonly<Record<SideName, T>>;
export const SIDES = ['left', 'right'] as const;
export const otherSide = (side: SideName): SideName => (side === 'left' ? 'right' : 'left');

/** DuckDB memory of a search: with the process itself it stays below a gigabyte. */
const MEMORY = 640 * 2 ** 20;

/**
 * An engine with both sources in it: the views `left_all` and `right_all` have the columns `c0`, `c1` … in the order of the
 * source, whatever those are called, and `_row` counts the rows from 1.
 */
export class Bench implements AsyncDisposable {
  private constructor(
    private readonly engines: Both<Engine>,
    public options: RunOptions,
    readonly sides: Readonly<Record<SideName, StagedSource>>,
  ) {}

  static async open(sides: Readonly<Record<SideName, StagedSource>>, context: TaskContext): Promise<Bench> {
    const engine = await Engine.open({
      memoryBytes: Math.min(context.limits.memoryBytes, MEMORY),
      threads: context.limits.threads,
      tempDir: context.scratchDir,
      settings: { preserve_insertion_order: 'false' },
    });
    let second: Engine | undefined;
    try {
      second = await engine.beside();
      const bench = new Bench({ left: engine, right: second }, optionsOf(context), sides);
      for (const side of SIDES) {
        const { columns, path } = sides[side];
        const list = columns.map(({ name }, index) => `${quoteIdentifier(name)} AS c${index}`);
        await bench.run(
          `CREATE VIEW ${side}_all AS SELECT ${[...list, 'file_row_number + 1 AS _row'].join(', ')} ` +
            `FROM read_parquet(${quoteLiteral(path)}, file_row_number = true)`,
        );
      }
      await engine.lock(SIDES.map((side) => sides[side].path));
      return bench;
    } catch (error) {
      await second?.close();
      await engine.close();
      throw error;
    }
  }

  /** The same sides over the connection of one of them: temporary tables that are made there are seen there only. */
  over(side: SideName): Bench {
    return new Bench({ left: this.engines[side], right: this.engines[side] }, this.options, this.sides);
  }

  /** Another task goes on with it. */
  handTo(context: TaskContext): void {
    this.options = optionsOf(context);
  }

  /** @param side Whose connection runs it: what is asked of both sides runs at once. Temporary tables are on the left one. */
  run(sql: string, side: SideName = 'left'): Promise<number> {
    return this.engines[side].run(sql, this.options);
  }

  /** @param side As for `run`. */
  rows(sql: string, side: SideName = 'left') {
    return this.engines[side].rows(sql, this.options);
  }

  /** Between two pieces of work without a query: others get their turn, and work that nobody waits for any more ends. */
  async pause(): Promise<void> {
    await setImmediate();
    this.options.signal?.throwIfAborted();
  }

  /** The numbers of a single row. */
  async numbers(sql: string): Promise<number[]> {
    return (await this.rows(sql))[0]!.map(Number);
  }

  columns(side: SideName): readonly ColumnInfo[] {
    return this.sides[side].columns;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engines.right.close();
    await this.engines.left.close();
  }
}

function optionsOf({ signal, limits }: TaskContext): RunOptions {
  const { matchSeconds: seconds } = limits;
  return { signal, deadline: { at: Date.now() + seconds * 1000, seconds } };
}

/** The name of a source's column in the views of a bench. */
export const columnName = (index: number) => `c${index}`;

/** A source whose columns are called as in the views of a bench: rules about it compile to SQL over these. */
export function benchSource(side: SideName, columns: readonly ColumnInfo[], alias: string): RuleSource {
  return {
    alias,
    primary_key: ['_row'],
    columns: columns.map(({ type }, index) => ({ name: columnName(index), type })),
  };
}
