import { gzipSync } from 'node:zlib';
import { chromium, type Browser } from 'playwright-core';
import { startKalla } from '../kalla-app.ts';
import { seriesOf } from '../measure-pairs.ts';
import type { Measured } from '../measure.ts';
import type { Measurement } from '../result.ts';
import type { ScenarioOf } from '../scenario.ts';
import { median } from '../statistics.ts';
import type { RunContext } from './run-context.ts';
import { setUpSample } from './sample-recipe.ts';

/** What the shell's `panel-slot.tsx` writes into the browser's timeline. */
const [ASKED, READY] = ['kalla: panel asked', 'kalla: panel ready'];
/** Kilobytes of compressed JavaScript that the first page may load. */
const MOST_SCRIPT_KB = 200;

/**
 * Opens the page of each panel in a browser that has nothing of Kalla yet, and reads from the browser's own timeline how long it took
 * from the page having its data to the panel being mounted. A measurement is the slowest of the panels.
 */
export async function panel(scenario: ScenarioOf<'panel'>, context: RunContext): Promise<Measurement> {
  await using kalla = await startKalla(context.scratch);
  const { client } = kalla;
  const { recipe, files } = await setUpSample(client);
  const { runId } = await client.run(recipe.recipe_id, files, scenario.timeout_s * 1000);
  const pages = ['/sources/new', '/recipes/new', `/recipes/${recipe.recipe_id}`, `/runs/${runId}`];

  const executablePath = process.env['KALLA_TEST_CHROMIUM'] || '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  try {
    const measured: Measured[] = [];
    const times = new Map<string, number[]>(pages.map((page) => [page, []]));
    for (let round = context.warmUp ? -1 : 0; round < context.runs; round++) {
      const waits: number[] = [];
      for (const page of pages) {
        const ms = await readyAfter(browser, client.base + page, scenario.timeout_s * 1000);
        waits.push(ms);
        if (round >= 0) times.get(page)?.push(ms);
      }
      if (round >= 0) measured.push({ ms: Math.max(...waits), peakBytes: kalla.peakBytes(), output: {} });
    }
    const kilobytes = (await scriptBytes(browser, client.base)) / 1000;
    if (kilobytes > MOST_SCRIPT_KB)
      throw new Error(`The first page loads ${kilobytes.toFixed(0)} KB of JavaScript, more than ${MOST_SCRIPT_KB}.`);
    return {
      subject: seriesOf(measured),
      limit: null,
      ratio: null,
      checked: `the first page loads ${kilobytes.toFixed(0)} KB of JavaScript, as gzip packs it, of ${MOST_SCRIPT_KB}`,
      notes: [
        ...[...times].map(([page, each]) => `${page.replace(runId, ':id')} ${median(each).toFixed(0)} ms`),
        'a browser without a cache each time; the slowest panel counts',
      ],
    };
  } finally {
    await browser.close();
  }
}

/** Milliseconds between the two marks. */
async function readyAfter(browser: Browser, address: string, timeout: number): Promise<number> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(address);
    await page.waitForFunction((name) => performance.getEntriesByName(name).length > 0, READY, { timeout });
    return await page.evaluate(
      ([asked = '', ready = '']) =>
        (performance.getEntriesByName(ready)[0]?.startTime ?? NaN) -
        (performance.getEntriesByName(asked)[0]?.startTime ?? NaN),
      [ASKED, READY],
    );
  } finally {
    await context.close();
  }
}

/** Bytes of all scripts that the first page loads, each as gzip packs it. */
async function scriptBytes(browser: Browser, address: string): Promise<number> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(address, { waitUntil: 'networkidle' });
    const urls = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    const scripts = urls.filter((url) => new URL(url).pathname.endsWith('.js'));
    const packed = scripts.map(async (url) => gzipSync(await (await fetch(url)).arrayBuffer()).byteLength);
    return (await Promise.all(packed)).reduce((sum, bytes) => sum + bytes, 0);
  } finally {
    await context.close();
  }
}
