import { Worker } from 'node:worker_threads';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { quoteIdentifier, quoteLiteral, type Batch, type ColumnInfo } from '@kalla/core';
import { Engine } from '../../engine/engine.ts';
import { ArrowSink } from './arrow-sink.ts';
import { batchOf } from '@kalla/testkit';

const EDGES: Record<string, string[]> = {
  boolean: ['true', 'false'],
  int8: ['-128', '127', '0'],
  int16: ['-32768', '32767', '-1'],
  int32: ['-2147483648', '2147483647', '7'],
  int64: ['-9223372036854775808', '9223372036854775807', '9007199254740993'],
  uint8: ['0', '255'],
  uint16: ['0', '65535'],
  uint32: ['0', '4294967295'],
  uint64: ['0', '18446744073709551615'],
  float32: ['1.5', '-0.25', '16777216.0'],
  float64: ['0.1', '-1e+300', '5e-324'],
  'decimal(4,2)': ['-99.99', '99.99', '0.01', '-0.01'],
  'decimal(9,3)': ['-999999.999', '999999.999', '0.001'],
  'decimal(18,2)': ['-9999999999999999.99', '9999999999999999.99', '12.99', '-0.05'],
  'decimal(38,10)': [
    '-9999999999999999999999999999.9999999999',
    '9999999999999999999999999999.9999999999',
    '0.0000000001',
  ],
  'decimal(38,0)': ['-99999999999999999999999999999999999999', '99999999999999999999999999999999999999', '0'],
  text: [
    '',
    'a',
    'twelve bytes',
    'thirteen byte',
    'é✓',
    '😀 astral 𝒳 text that is long',
    'x'.repeat(300_000),
    'it\'s "quoted"\n\t',
    'NUL \u0000 inside',
  ],
  binary: ['', '00', 'ff00fe', 'deadbeef'.repeat(50)],
  date: ['1970-01-01', '0001-01-01', '9999-12-31', '1969-12-31', '2024-02-29'],
  time: ['00:00:00', '23:59:59.999999', '12:34:56.000001'],
  timestamp: [
    '1970-01-01 00:00:00',
    '1969-12-31 23:59:59.999999',
    '9999-12-31 23:59:59.999999',
    '2026-01-31 08:00:00.000001',
  ],
  timestamptz: ['1970-01-01 00:00:00+00', '2026-01-31 08:00:00+00', '1900-01-01 00:00:00+00'],
  uuid: [
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '0123abcd-4567-89ef-0123-456789abcdef',
    '80000000-0000-0000-0000-000000000001',
  ],
};
const columns: ColumnInfo[] = Object.keys(EDGES).map((type, index) => ({
  name: index % 2 ? `col ${type}` : `"${type}";--`,
  type,
}));

/** 5,015 rows: more than two vectors, not a multiple of one; every edge value and NULL in every position of a byte. */
function edgeRows(count: number): (string | null)[][] {
  const types = Object.values(EDGES);
  return Array.from({ length: count }, (_, row) =>
    types.map((values, column) => {
      const pick = (row * 7 + column * 3) % (values.length + 2);
      const value = values[pick] ?? null;
      // The very long text only in a few rows.
      return value !== null && value.length > 1000 && row % 97 ? `${value.slice(0, 13)}${row}` : value;
    }),
  );
}

let dir: string;
beforeAll(async () => void (dir = await mkdtemp(path.join(tmpdir(), 'kalla-sink-'))));
afterAll(async () => rm(dir, { recursive: true, force: true }));

async function write(name: string, batches: Batch[], strings?: 'fast' | 'safe') {
  const target = path.join(dir, `${name}.parquet`);
  await using sink = new ArrowSink({
    alias: name,
    target,
    memoryBytes: 512e6,
    tempDir: path.join(dir, 'tmp'),
    strings,
  });
  sink.begin(columns);
  for (const batch of batches) await sink.write(batch);
  return { target, ...(await sink.finish()) };
}

async function read(file: string): Promise<unknown[][]> {
  await using engine = await Engine.open({ memoryBytes: 512e6, threads: 1 });
  const cells = columns.map(({ name, type }) =>
    type === 'binary' ? `lower(hex(${quoteIdentifier(name)}))` : `CAST(${quoteIdentifier(name)} AS VARCHAR)`,
  );
  return await engine.rows(`SELECT ${cells.join(', ')} FROM read_parquet(${quoteLiteral(file)})`);
}

describe('the sink', () => {
  const rows = edgeRows(5015);

  it.each(['fast', 'safe'] as const)('writes every type exactly by the %s path, whole and sliced', async (strings) => {
    const whole = batchOf(columns, rows);
    const pieces = [
      whole.slice(0, 3),
      whole.slice(3, 3),
      whole.slice(3, 2050),
      whole.slice(2050, 4099),
      whole.slice(4099, 5015),
    ];
    for (const [name, batches] of Object.entries({ whole: [whole], pieces })) {
      const written = await write(`${name}-${strings}`, batches, strings);
      expect(written.rows).toBe(rows.length);
      expect(written.strings).toBe(strings);
      const back = await read(written.target);
      expect(back.length).toBe(rows.length);
      for (let row = 0; row < rows.length; row++) expect(back[row], `row ${row}`).toEqual(rows[row]);
    }
  });

  it('keeps names and types, also when there is no row', async () => {
    const written = await write('empty', [batchOf(columns, [])]);
    expect(written.rows).toBe(0);
    await using engine = await Engine.open({ memoryBytes: 512e6, threads: 1 });
    const described = await engine.rows(`DESCRIBE SELECT * FROM read_parquet(${quoteLiteral(written.target)})`);
    expect(described.map((row) => row[0])).toEqual(columns.map((column) => column.name));
  });

  it('uses the fast path where its self-test passes, as it does with the pinned DuckDB', async () => {
    const { strings } = await write('chosen', [batchOf(columns, edgeRows(10))]);
    expect(strings).toBe('fast');
  });

  it('holds the writer back when the thread cannot keep up', async () => {
    const batch = batchOf(columns, edgeRows(30_000));
    const target = path.join(dir, 'window.parquet');
    await using sink = new ArrowSink({ alias: 'window', target, memoryBytes: 512e6, tempDir: dir });
    sink.begin(columns);
    let accepted = 0;
    const writing = (async () => {
      for (let index = 0; index < 10; index++) {
        await sink.write(batch);
        accepted++;
      }
    })();
    await new Promise((resolve) => setImmediate(resolve));
    // The thread has not even started: no more than the window may be under way.
    expect(accepted).toBe(4);
    await writing;
    expect((await sink.finish()).rows).toBe(10 * 30_000);
  });

  it('refuses a batch that is not what was announced, and names the column', async () => {
    const wrong = batchOf([{ name: 'a', type: 'text' }], [['x']]);
    const target = path.join(dir, 'wrong.parquet');
    await using sink = new ArrowSink({
      alias: 'odd',
      target,
      memoryBytes: 512e6,
      tempDir: dir,
    });
    sink.begin([{ name: 'a', type: 'int32' }]);
    await expect(sink.write(wrong)).rejects.toThrow(/column "a" should be Int32 and is Utf8/);
  });

  it('lets the thread end by itself, since ending it from outside can take the process with it', async () => {
    const terminate = vi.spyOn(Worker.prototype, 'terminate');
    for (const finish of [true, false]) {
      const target = path.join(dir, `end-${finish}.parquet`);
      await using sink = new ArrowSink({ alias: 'end', target, memoryBytes: 512e6, tempDir: dir });
      sink.begin(columns);
      await sink.write(batchOf(columns, edgeRows(3)));
      if (finish) await sink.finish();
    }
    expect(terminate).not.toHaveBeenCalled();
  });

  it('writes nothing where it was never begun', async () => {
    const target = path.join(dir, 'never.parquet');
    {
      await using sink = new ArrowSink({ alias: 'never', target, memoryBytes: 512e6, tempDir: dir });
      expect(sink).toBeDefined();
    }
    await expect(access(target)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('reports a target that cannot be written', async () => {
    const target = path.join(dir, 'absent', 'x.parquet');
    await using sink = new ArrowSink({ alias: 'x', target, memoryBytes: 512e6, tempDir: dir });
    sink.begin(columns);
    await sink.write(batchOf(columns, edgeRows(3)));
    await expect(sink.finish()).rejects.toThrow(/absent/);
  });
});
