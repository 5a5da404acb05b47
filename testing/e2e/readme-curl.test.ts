import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountsForEveryRow, runSchema, type Run } from '@kalla/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { startKalla, type KallaProcess } from '../kalla-process.ts';
import { describeWith } from '../require-part.ts';
import { until } from '../until.ts';
import { withPostgres } from '../with-postgres.ts';

/** The shell commands under the headings that begin with "A CSV against", joined as a reader would type them. */
function commandsOf(readme: string): { title: string; script: string }[] {
  const sections = readme.split(/^### /m).slice(1);
  return sections
    .filter((section) => section.startsWith('A CSV against'))
    .map((section) => ({
      title: section.split('\n', 1)[0]!,
      script: [...section.matchAll(/```sh\n([^]*?)```/g)].map((match) => match[1]).join('\n'),
    }));
}

const chapters = commandsOf(readFileSync(join(ROOT, 'README.md'), 'utf8'));
const MARK = '== chapter';

let kalla: KallaProcess;
let folder: string;
beforeAll(async () => {
  kalla = await startKalla();
  // The README's commands name files of the repository and write into the folder they are run in.
  folder = mkdtempSync(join(tmpdir(), 'kalla-readme-'));
  symlinkSync(join(ROOT, 'samples'), join(folder, 'samples'), 'junction');
  await until(async () => {
    const { recipes } = (await (await fetch(`${kalla.address}/api/recipes`)).json()) as { recipes: unknown[] };
    return recipes.length > 0;
  }, 30_000);
}, 120_000);
afterAll(async () => {
  await kalla?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the chapters in one shell, as a reader has one terminal, and returns what each printed. */
function type(count: number, variables: NodeJS.ProcessEnv): string[] {
  const script = chapters.slice(0, count).map(({ script }) => `echo '${MARK}'\n${script}`);
  const result = spawnSync('bash', ['-euo', 'pipefail', '-c', script.join('\n')], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 90_000,
    env: { PATH: process.env.PATH, KALLA: kalla.address, ...variables },
  });
  expect(result.status, `${result.stderr}\n${result.stdout}`).toBe(0);
  return result.stdout.split(`${MARK}\n`).slice(1);
}

/** The run that a chapter printed. */
function runIn(printed: string): Run {
  const start = printed.indexOf('{"run_id"');
  const json = printed
    .slice(start)
    .split(/(?<=\})(?=\{|$)/m)[0]!
    .trim();
  const run = runSchema.parse(JSON.parse(json));
  expect(run.error).toBeNull();
  expect(run.status).toBe('completed');
  expect(accountsForEveryRow(run.counts!)).toBe(true);
  return run;
}

test('the README has the three chapters', () => {
  expect(chapters.map(({ title }) => title)).toEqual([
    'A CSV against a CSV',
    'A CSV against Parquet',
    'A CSV against PostgreSQL',
  ]);
});

describe('the commands of the README', () => {
  test('CSV × CSV and CSV × Parquet find the same', { timeout: 100_000 }, () => {
    const [csv, parquet] = type(2, {});
    expect(runIn(csv!).counts).toMatchObject({ left: 2000, right: 2000, matched: 1730 });
    expect(runIn(parquet!).counts).toEqual(runIn(csv!).counts);
    expect(readFileSync(join(folder, 'matched.csv'), 'utf8').trimEnd().split(/\r?\n/)).toHaveLength(1731);
  });
});

describeWith('postgres', 'the commands of the README', (url) => {
  const database = 'readme_books';
  beforeAll(async () => {
    await withPostgres(url, (client) => client.query(`CREATE DATABASE ${database}`));
    await withPostgres(databaseUrl(url, database), async (client) => {
      await client.query(
        `CREATE TABLE bank_lines (statement_id text PRIMARY KEY, value_date date, payer text, reference text,
           amount numeric(12,2), currency text, memo text)`,
      );
      const [, ...lines] = readFileSync(join(ROOT, 'samples/bank.csv'), 'utf8').trimEnd().split(/\r?\n/);
      for (const line of lines)
        await client.query('INSERT INTO bank_lines VALUES ($1,$2,$3,$4,$5,$6,$7)', cellsOf(line));
    });
  }, 60_000);
  afterAll(() => withPostgres(url, (client) => client.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)));

  test('CSV × PostgreSQL', { timeout: 100_000 }, () => {
    const printed = type(3, { BOOKS: databaseUrl(url, database) });
    const run = runIn(printed[2]!);
    expect(run.counts).toMatchObject({ left: 2000, right: 2000 });
    expect(run.counts!.matched).toBeGreaterThan(900);
    expect(printed.join('')).not.toContain(new URL(url).password);
  });
});

function databaseUrl(url: string, database: string): string {
  const address = new URL(url);
  address.pathname = `/${database}`;
  address.search = '';
  return address.href;
}

/** One line of the sample's CSV, which has no line breaks inside of cells; an empty unquoted cell is NULL. */
function cellsOf(line: string): (string | null)[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain || null : quoted.replaceAll('""', '"'),
  );
}
