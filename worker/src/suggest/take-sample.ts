import { SIDES, type Bench, type SideName } from './bench.ts';
import { decimalsOf } from './scaled-amount.ts';
import { SampleRows, type Measure, type Wanted } from './sample-rows.ts';
import { Vocabulary } from './vocabulary.ts';

/** Rows of a side that are searched; what is found is counted over all. */
const SAMPLE_ROWS = 30_000;
/** With very many columns fewer rows are taken, so that the work stays the same. */
const SAMPLE_CELLS = 1_500_000;
/** Digits after the point that amounts are compared with in a search, at least and at most. */
const LEAST_SCALE = 2;
const MOST_SCALE = 9;

/** Rows of a side with so many columns that a sample holds. */
export function sampleRows(columns: number): number {
  return Math.min(SAMPLE_ROWS, Math.max(1000, Math.floor(SAMPLE_CELLS / Math.max(1, columns))));
}

/** The samples of both sides. */
export type Samples = Readonly<Record<SideName, SampleRows>> & { measure: Measure };

const isNumber = (type: string) => /^(u?int|float|decimal)/.test(type);
const isDate = (type: string) => type === 'date' || type.startsWith('timestamp');

/** Makes the tables `left_sample` and `right_sample`, the same rows each time, whole where a side is small, and reads them. */
export async function takeSamples(bench: Bench): Promise<Samples> {
  const measure: Measure = { texts: new Vocabulary(), amounts: new Vocabulary(), scale: LEAST_SCALE };
  const [left, right] = await Promise.all(SIDES.map((side) => takeSample(bench, side, measure)));
  const samples = { left: left!, right: right! };
  let whole = 0;
  for (const side of SIDES) {
    for (const [index, { type }] of bench.columns(side).entries()) {
      if (!isNumber(type)) continue;
      measure.scale = Math.max(measure.scale, decimalsOf(type));
      whole = Math.max(whole, samples[side].wholeDigits(index));
    }
  }
  // Whatever has more digits than 64 bits hold takes no part.
  measure.scale = Math.max(LEAST_SCALE, Math.min(measure.scale, MOST_SCALE, 18 - whole));
  return { ...samples, measure };
}

async function takeSample(bench: Bench, side: SideName, measure: Measure): Promise<SampleRows> {
  const { rows, columns } = bench.sides[side];
  const most = sampleRows(columns.length);
  // A hash of the row's number scatters the sample over the file, which is in some order more often than not.
  const share = Math.min(1, most / Math.max(1, rows));
  const where = share >= 1 ? '' : ` WHERE hash(_row) % 1000000 < ${Math.ceil(share * 1_000_000)}`;
  await bench.run(`CREATE TABLE ${side}_sample AS SELECT * FROM ${side}_all${where}`, side);
  // What is whole in memory need not be read from the file again.
  if (share >= 1) await bench.run(`CREATE OR REPLACE VIEW ${side}_all AS SELECT * FROM ${side}_sample`, side);
  const sample = new SampleRows(bench, side, `${side}_sample`, measure, Math.min(most, rows));
  await sample.load(
    columns.flatMap(({ type }, index): Wanted[] => [
      { kind: isDate(type) ? 'day' : 'text', index },
      ...(type.startsWith('float') ? [{ kind: 'amount' as const, index }] : []),
    ]),
  );
  return sample;
}
