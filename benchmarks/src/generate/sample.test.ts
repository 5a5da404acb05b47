import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { quoteLiteral, recipeSchema } from '@kalla/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSample, SAMPLE_SEED } from './sample-data.ts';
import { differences, writeSample } from './sample-files.ts';

const samples = resolve(import.meta.dirname, '../../../samples');
const sample = makeSample();
let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

async function column(sql: string): Promise<string[]> {
  return (await connection.runAndReadAll(sql)).getRowsJson().map((row) => String(row[0]));
}

describe('the committed sample', () => {
  it('is what the generator makes', async () => {
    expect(await differences(samples, sample)).toEqual([]);
  });

  it('says so when one cell differs', async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'kalla-sample-test-'));
    try {
      await writeSample(scratch, sample);
      const bank = await readFile(join(scratch, 'bank.csv'), 'utf8');
      await writeFile(join(scratch, 'bank.csv'), bank.replace('EUR', 'USD'));
      expect(await differences(scratch, sample)).toEqual(['bank.csv is not what the generator makes.']);
      await writeSample(scratch, makeSample(SAMPLE_SEED + 1));
      expect(await differences(scratch, sample)).toContain(
        'bank.parquet does not hold the rows that the generator makes.',
      );
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });

  it('has 2,000 rows a side with different keys', () => {
    expect(sample.ledger).toHaveLength(2000);
    expect(sample.bank).toHaveLength(2000);
    expect(new Set(sample.ledger.map((row) => row.entry_id)).size).toBe(2000);
    expect(new Set(sample.bank.map((row) => row.statement_id)).size).toBe(2000);
  });

  it('accounts for every row in its README', async () => {
    const readme = await readFile(join(samples, 'README.md'), 'utf8');
    for (const [name, value] of Object.entries(sample.truth.counts)) {
      expect(readme).toMatch(new RegExp(`\`${name}\`[^\\n]*\\b${value.toLocaleString('en-US')}\\b`));
    }
  });
});

describe.each(['bank.csv', 'bank.parquet'])('the recipe on ledger.csv and %s', (bankFile) => {
  it('finds the pairs that the generator knows, and no other', async () => {
    const recipe = recipeSchema.parse(JSON.parse(await readFile(join(samples, 'recipe.json'), 'utf8')));
    const view = (alias: string, file: string) => {
      const path = quoteLiteral(join(samples, file));
      const reader = file.endsWith('.csv')
        ? `read_csv(${path}, all_varchar = true, header = true)`
        : `read_parquet(${path})`;
      return `CREATE OR REPLACE TEMP VIEW ${alias} AS SELECT * FROM ${reader}`;
    };
    await connection.run(view('ledger', 'ledger.csv'));
    await connection.run(view('bank', bankFile));
    await connection.run(`CREATE OR REPLACE TEMP TABLE matched AS ${recipe.match_sql}`);

    expect(await column(`SELECT entry_id || '|' || statement_id FROM matched ORDER BY 1`)).toEqual(sample.truth.pairs);
    expect(await column('SELECT entry_id FROM ledger ANTI JOIN matched USING (entry_id) ORDER BY 1')).toEqual(
      sample.truth.unmatchedLeft,
    );
    expect(await column('SELECT statement_id FROM bank ANTI JOIN matched USING (statement_id) ORDER BY 1')).toEqual(
      sample.truth.unmatchedRight,
    );
    for (const side of ['left', 'right'] as const) {
      const source = side === 'left' ? recipe.sources.left : recipe.sources.right;
      expect(await column(`SELECT column_name FROM (DESCRIBE ${source.alias})`)).toEqual(source.schema);
    }
  });
});
