import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { makeSample, SAMPLE_SEED } from './sample-data.ts';
import { differences, writeSample } from './sample-files.ts';

/** The folder of the committed sample. */
const SAMPLES = resolve(import.meta.dirname, '../../../samples');

const { values } = parseArgs({
  options: { check: { type: 'boolean', default: false }, output: { type: 'string' }, seed: { type: 'string' } },
});
const folder = values.output ? resolve(values.output) : SAMPLES;
const sample = makeSample(values.seed ? Number(values.seed) : SAMPLE_SEED);

if (values.check) {
  const found = await differences(folder, sample);
  for (const sentence of found) console.error(sentence);
  if (found.length > 0) {
    console.error(
      'Run "node --import tsx benchmarks/src/generate/sample.ts" with the condition kalla-source to write it anew.',
    );
    process.exitCode = 1;
  } else console.log('The sample is what the generator makes.');
} else {
  await writeSample(folder, sample);
  console.log(JSON.stringify(sample.truth.counts, null, 2));
}
