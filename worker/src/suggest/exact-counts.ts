import {
  compileRule,
  conditionSql,
  type Ambiguous,
  type Condition,
  type Counts,
  type Rule,
  type RuleSource,
} from '@kalla/core';
import { type Bench, benchSource, type Both, columnName, type SideName, SIDES } from './bench.ts';
import { indexOf } from './candidate.ts';
import { countChosen, readChoices } from './choose-pairs.ts';

export interface Counted {
  counts: Counts;
  ambiguous: Ambiguous;
  /** Pairs of rows that meet the conditions, before each row is used once, and the rows of each side in them. */
  possible: { pairs: number; left: number; right: number };
}

/** Pairs of rows that a proposal may make; more is no proposal. */
const MOST_PAIRS = 30_000_000;

/** Possible pairs of rows with a choice that are put in order in memory. */
const MOST_CHOICES = 1_000_000;

/**
 * Counts what rules match over all rows, as a run would. The columns of a rule are called as in the bench; `keys` are the
 * indexes of the key columns, which tell the rows apart (-1: the row number).
 *
 * What has to be worked out of a text is worked out once and kept for the next rule that asks for it.
 */
export class ExactCounts {
  /** The condition that the tables `left_k` and `right_k` were made for, and the columns that they have besides. */
  #prepared: string | undefined;
  readonly #kept: Both<Set<number>>;

  /**
   * @param candidates Rules that will be asked for: their columns are kept at the first.
   * @param mostChoices Pairs beyond which the engine chooses.
   */
  constructor(
    private readonly bench: Bench,
    private readonly keys: Both<readonly number[]>,
    candidates: readonly { conditions: readonly Condition[] }[] = [],
    private readonly mostChoices = MOST_CHOICES,
  ) {
    const used = (side: SideName) =>
      new Set([...keys[side], ...candidates.flatMap(({ conditions }) => conditions.map((one) => indexOf(one[side])))]);
    this.#kept = { left: used('left'), right: used('right') };
  }

  /** Undefined where the rule makes too many pairs. */
  async of(rule: Rule): Promise<Counted | undefined> {
    const { conditions, tables } = await this.#prepare(rule.conditions);
    const prepared: Rule = { ...rule, conditions };
    const sources = { left: this.#source('left', prepared, tables), right: this.#source('right', prepared, tables) };
    const parts = conditions.map((condition) => conditionSql(condition, sources.left, sources.right, tables));
    return parts.every(({ range }) => range === undefined)
      ? this.#byGroups(
          prepared,
          parts.map(({ equal }) => equal!),
          tables,
        )
      : this.#byPairs(prepared, sources);
  }

  /** Puts a text that has to be normalised into a column of its own, once for both sides. */
  async #prepare(conditions: readonly Condition[]): Promise<{ conditions: Condition[]; tables: Both<string> }> {
    const first = conditions.find(
      (one) => one.kind === 'equal' && (one.ignore.length > 0 || one.extract !== undefined),
    );
    if (!first) return { conditions: [...conditions], tables: { left: 'left_all', right: 'right_all' } };
    const rest = conditions.filter((one) => one !== first);
    const identity = JSON.stringify(first);
    const isKept = SIDES.every((side) => rest.every((one) => this.#kept[side].has(indexOf(one[side]))));
    if (identity !== this.#prepared || !isKept) {
      for (const side of SIDES) for (const one of rest) this.#kept[side].add(indexOf(one[side]));
      const source = (side: SideName) => benchSource(side, this.bench.columns(side), `${side}_all`);
      const all = { left: 'left_all', right: 'right_all' };
      const terms = conditionSql(first, source('left'), source('right'), all).equal!;
      for (const side of SIDES) {
        const kept = [...this.#kept[side]].filter((index) => index >= 0).map(columnName);
        await this.bench.run(
          `CREATE OR REPLACE TEMP TABLE ${side}_k AS SELECT ${[...kept, '_row', `${terms[side]} AS kalla_key`].join(', ')} FROM ${side}_all`,
        );
      }
      this.#prepared = identity;
    }
    const key: Condition = { kind: 'equal', left: 'kalla_key', right: 'kalla_key', ignore: [] };
    return { conditions: [key, ...rest], tables: { left: 'left_k', right: 'right_k' } };
  }

  /** Columns that are only shown cost as much as those that are compared, so they are left out. */
  #source(side: SideName, rule: Rule, tables: Both<string>): RuleSource {
    const names = this.keys[side].map((index) => (index < 0 ? '_row' : columnName(index)));
    const needed = new Set([...rule.conditions.map((condition) => condition[side]), ...names]);
    const all = [...benchSource(side, this.bench.columns(side), '').columns, { name: 'kalla_key', type: 'text' }];
    return { alias: tables[side], primary_key: names, columns: all.filter(({ name }) => needed.has(name)) };
  }

  /** Where all has to be equal, values are counted and no row is paired: the first twin belongs to the first. */
  async #byGroups(
    rule: Rule,
    equal: readonly { left: string; right: string }[],
    tables: Both<string>,
  ): Promise<Counted | undefined> {
    const group = (side: SideName) => {
      const terms = equal.map((pair, index) => `${pair[side]} AS k${index}`).join(', ');
      const present = equal.map((_, index) => `k${index} IS NOT NULL`).join(' AND ');
      return `(SELECT *, count(*) AS n FROM (SELECT ${terms} FROM ${tables[side]}) WHERE ${present} GROUP BY ALL)`;
    };
    const on = equal.map((_, index) => `l.k${index} = r.k${index}`).join(' AND ');
    const sums = [
      'l.n::HUGEINT * r.n',
      'least(l.n, r.n)',
      'l.n',
      'r.n',
      'CASE WHEN r.n > 1 THEN l.n ELSE 0 END',
      'CASE WHEN l.n > 1 THEN r.n ELSE 0 END',
    ].map((value) => `coalesce(sum(${value}), 0)::VARCHAR`);
    const [pairs, once, leftRows, rightRows, left, right] = (await this.bench.numbers(
      `SELECT ${sums.join(', ')} FROM ${group('left')} l JOIN ${group('right')} r ON ${on}`,
    )) as [number, number, number, number, number, number];
    if (pairs > MOST_PAIRS) return undefined;
    const rest = { ambiguous: { left, right }, possible: { pairs, left: leftRows, right: rightRows } };
    return rule.pairing === 'once'
      ? { counts: this.#counts(once, once, once), ...rest }
      : { counts: this.#counts(pairs, leftRows, rightRows), ...rest };
  }

  /**
   * Where something may differ, all possible pairs are made. A pair whose rows have no other partner is a match whatever the
   * order; the rule itself runs only over the rows that have a choice. Twins have the same partners, so they stay together.
   */
  async #byPairs(rule: Rule, sources: Both<RuleSource>): Promise<Counted | undefined> {
    const { bench } = this;
    const numbered = (side: SideName): RuleSource => ({ ...sources[side], primary_key: ['_row'] });
    const every = compileRule({ ...rule, pairing: 'every' }, numbered('left'), numbered('right'));
    await bench.run(
      `CREATE OR REPLACE TEMP TABLE x_pairs AS SELECT left__row AS l, right__row AS r FROM (${every}) LIMIT ${MOST_PAIRS + 1}`,
    );
    const [pairs, leftRows, rightRows, left, right] = (await bench.numbers(
      'WITH l AS (SELECT count(*) AS n FROM x_pairs GROUP BY l), r AS (SELECT count(*) AS n FROM x_pairs GROUP BY r) ' +
        'SELECT (SELECT count(*) FROM x_pairs)::VARCHAR, (SELECT count(*) FROM l)::VARCHAR, (SELECT count(*) FROM r)::VARCHAR, ' +
        '(SELECT count(*) FROM l WHERE n > 1)::VARCHAR, (SELECT count(*) FROM r WHERE n > 1)::VARCHAR',
    )) as [number, number, number, number, number];
    if (pairs > MOST_PAIRS) return undefined;
    const rest = { ambiguous: { left, right }, possible: { pairs, left: leftRows, right: rightRows } };
    if (rule.pairing === 'every') return { counts: this.#counts(pairs, leftRows, rightRows), ...rest };
    if (left === 0 && right === 0) return { counts: this.#counts(pairs, pairs, pairs), ...rest };
    const several = (side: string) => `SELECT ${side} FROM x_pairs GROUP BY ${side} HAVING count(*) > 1`;
    const inChoice = await bench.run(
      `CREATE OR REPLACE TEMP TABLE x_choice AS SELECT l, r FROM x_pairs WHERE l IN (${several('l')}) OR r IN (${several('r')})`,
    );
    const chosen =
      inChoice <= this.mostChoices
        ? countChosen(await readChoices(bench, rule, sources))
        : await this.#chosenBySql(rule, sources);
    const matched = pairs - inChoice + chosen;
    return { counts: this.#counts(matched, matched, matched), ...rest };
  }

  /** Of very many pairs: the rule itself, over the rows that have a choice. */
  async #chosenBySql(rule: Rule, sources: Both<RuleSource>): Promise<number> {
    for (const side of SIDES) {
      const { alias, columns, primary_key: key } = sources[side];
      const names = [...new Set([...columns.map(({ name }) => name), ...key])].join(', ');
      await this.bench.run(
        `CREATE OR REPLACE TEMP TABLE x_${side}_rows AS SELECT ${names} FROM ${alias} WHERE _row IN (SELECT ${side[0]} FROM x_choice)`,
      );
    }
    const choosing = {
      left: { ...sources.left, alias: 'x_left_rows' },
      right: { ...sources.right, alias: 'x_right_rows' },
    };
    const [chosen] = await this.bench.numbers(
      `SELECT count(*)::VARCHAR FROM (${compileRule(rule, choosing.left, choosing.right)})`,
    );
    return chosen!;
  }

  #counts(matched: number, left: number, right: number): Counts {
    const rows = { left: this.bench.sides.left.rows, right: this.bench.sides.right.rows };
    return {
      ...rows,
      matched,
      unmatched_left: rows.left - left,
      unmatched_right: rows.right - right,
      matched_left_rows: left,
      matched_right_rows: right,
    };
  }
}
