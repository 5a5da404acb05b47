import { columnName, type Bench, type SideName } from './bench.ts';

/** Rows of a side that are looked at before all of them are. */
const CHOSEN_ROWS = 60_000;

/**
 * Rows chosen by their value in one column: all that are alike in it are there, so that what repeats in the whole is likely to
 * repeat in them. That it does is proof enough that it is no key, for a fraction of the time of counting all rows.
 */
export class ChosenRows {
  #by: number | undefined;

  constructor(
    private readonly bench: Bench,
    private readonly side: SideName,
    private readonly columns: readonly number[],
  ) {}

  /** Whether a combination of columns repeats, chosen by the first of them. */
  async repeat(combination: readonly number[]): Promise<boolean> {
    const by = combination[0]!;
    const table = `${this.side}_chosen`;
    if (by !== this.#by) {
      const part = Math.ceil(this.bench.sides[this.side].rows / CHOSEN_ROWS);
      await this.bench.run(
        `CREATE OR REPLACE TEMP TABLE ${table} AS SELECT ${this.columns.map(columnName).join(', ')} ` +
          `FROM ${this.side}_all WHERE hash(${columnName(by)}) % ${part} = 0`,
      );
      this.#by = by;
    }
    const value = combination.map(columnName).join(', ');
    const rows = await this.bench.rows(`SELECT 1 FROM ${table} GROUP BY ${value} HAVING count(*) > 1 LIMIT 1`);
    return rows.length > 0;
  }
}
