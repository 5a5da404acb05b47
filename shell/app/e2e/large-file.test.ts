import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Run } from '@kalla/core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../testing/require-part.ts';
import { startKalla, type RunningKalla } from './start-kalla.ts';
import { launchChromium, withPage } from './with-page.ts';

const ROWS = 1_300_000;
/** Every so many rows of the large file one is in the small one too. */
const EVERY = 650;
const MATCHED = ROWS / EVERY;
const HEADER = 'Document,Booked,Customer,Amount,Text\n';

const row = (n: number) => {
  const document = `INV-${String(n).padStart(7, '0')}`;
  const day = `2026-${String(1 + (n % 12)).padStart(2, '0')}-${String(13 + (n % 16))}`;
  const amount = `${1 + ((n * 7919) % 9000)}.${String(n % 100).padStart(2, '0')}`;
  return `${document},${day},Customer ${n % 5000} GmbH & Co,${amount},Delivery and installation of part ${n}\n`;
};

describeWith('chromium', 'a file of 100 MB in a browser', (executablePath) => {
  let kalla: RunningKalla;
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'kalla-large-'));
    [kalla, browser] = await Promise.all([startKalla({ KALLA_SAMPLE: '0' }), launchChromium(executablePath)]);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await kalla?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  async function writeFiles(): Promise<[large: string, small: string]> {
    const [large, small] = [path.join(folder, 'documents.csv'), path.join(folder, 'payments.csv')];
    const stream = createWriteStream(large);
    stream.write(HEADER);
    for (let n = 1; n <= ROWS; n += 10_000) {
      const part = Array.from({ length: 10_000 }, (_, at) => row(n + at)).join('');
      if (!stream.write(part)) await once(stream, 'drain');
    }
    stream.end();
    await once(stream, 'close');
    writeFileSync(small, HEADER + Array.from({ length: MATCHED }, (_, at) => row((at + 1) * EVERY)).join(''));
    return [large, small];
  }

  it('is dropped, proposed, saved and run like a small one', { timeout: 300_000 }, async () => {
    const files = await writeFiles();
    expect(statSync(files[0]).size).toBeGreaterThan(100_000_000);
    await withPage(browser, kalla.address, {}, async (page, complaints) => {
      page.setDefaultTimeout(120_000);
      // A drop on a page whose scripts do not listen yet goes to the browser, which opens the file.
      await page.goto('/', { waitUntil: 'networkidle' });
      await page.getByRole('heading', { name: 'Recipes' }).waitFor();
      await dropFromDisk(page, files);
      await page.waitForURL('/recipes/new');
      const counts = page.locator('.rb-counts:not(.rb-counts-stale) .rb-count-text');
      await counts.getByText('2,000 of 1,300,000 matched').waitFor();
      await counts.getByText('2,000 of 2,000 matched').waitFor();
      await page.getByLabel('Name', { exact: true }).fill('Documents and payments');
      await page.getByRole('button', { name: 'Save and run' }).click();
      await page.waitForURL(/\/runs\//);
      await page.getByText('Every row of both sides is accounted for.').waitFor();
      const runId = new URL(page.url()).pathname.split('/').at(-1);
      const run = (await (await fetch(`${kalla.address}/api/runs/${runId}`)).json()) as Run;
      expect(run.counts).toMatchObject({
        left: ROWS,
        right: MATCHED,
        matched: MATCHED,
        unmatched_left: ROWS - MATCHED,
        unmatched_right: 0,
      });
      expect(complaints).toEqual([]);
    });
  });
});

/** Drops files of the disk on the page, as the system does when a person lets go of them: nothing of them goes through the test. */
async function dropFromDisk(page: Page, files: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: 600, y: 400, data });
  await session.detach();
}
