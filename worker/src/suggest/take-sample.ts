import { SIDES, type Bench } from './bench.ts';

/** Rows of a side that are searched; what is found is counted over all. */
const SAMPLE_ROWS = 30_000;
/** With very many columns fewer rows are taken, so that the work stays the same. */
const SAMPLE_CELLS = 1_500_000;

/** Rows of a side with so many columns that a sample holds. */
export function sampleRows(columns: number): number {
  return Math.min(SAMPLE_ROWS, Math.max(1000, Math.floor(SAMPLE_CELLS / Math.max(1, columns))));
}

/** Makes the tables `left_sample` and `right_sample`: the same rows each time, whole where a side is small. */
export async function takeSamples(bench: Bench): Promise<Readonly<Record<'left' | 'right', number>>> {
  const taken = { left: 0, right: 0 };
  for (const side of SIDES) {
    const { rows, columns } = bench.sides[side];
    const most = sampleRows(columns.length);
    // A hash of the row's number scatters the sample over the file, which is in some order more often than not.
    const share = Math.min(1, most / Math.max(1, rows));
    const where = share >= 1 ? '' : ` WHERE hash(_row) % 1000000 < ${Math.ceil(share * 1_000_000)}`;
    await bench.run(`CREATE TEMP TABLE ${side}_sample AS SELECT * FROM ${side}_all${where}`);
    [taken[side] = 0] = await bench.numbers(`SELECT count(*)::VARCHAR FROM ${side}_sample`);
  }
  return taken;
}
