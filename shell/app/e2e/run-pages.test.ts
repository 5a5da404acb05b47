import type { Run } from '@kalla/core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../testing/require-part.ts';
import { serveHeldFile, type HeldFile } from './held-file.ts';
import { startKalla, type RunningKalla } from './start-kalla.ts';
import { dropFile, launchChromium, watch, withPage } from './with-page.ts';

const invoices = 'invoice,amount,due\n' + lines(400, (i) => `I-${i},${i}.25,2026-01-31`);
const payments = 'payment,reference,paid\n' + lines(400, (i) => `P-${i},I-${i},${i}.25`);

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => `${line(index + 1)}\n`).join('');
}

describeWith('chromium', 'starting and following a run in a browser', (executablePath) => {
  let kalla: RunningKalla;
  let browser: Browser;
  let file: HeldFile;

  beforeAll(async () => {
    [kalla, browser, file] = await Promise.all([
      startKalla({ KALLA_SAMPLE: '0', KALLA_ALLOW_PRIVATE_URLS: '1' }),
      launchChromium(executablePath),
      serveHeldFile(payments),
    ]);
    const left = { type: 'file', alias: 'invoices', schema: ['invoice', 'amount', 'due'], primary_key: ['invoice'] };
    const rule = {
      match_sql:
        'SELECT i.invoice, p.payment, i.amount, p.paid FROM invoices i JOIN payments p ON i.invoice = p.reference',
      match_description: 'The payment names the invoice.',
    };
    const right = { alias: 'payments', primary_key: ['payment'] };
    const schema = ['payment', 'reference', 'paid'];
    await save({
      recipe_id: 'web',
      name: 'Web',
      ...rule,
      sources: { left, right: { ...right, type: 'csv', uri: file.uri } },
    });
    await save({
      recipe_id: 'files',
      name: 'Files',
      ...rule,
      sources: { left, right: { ...right, type: 'file', schema } },
    });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await kalla?.stop();
    await file?.stop();
  });

  async function save(recipe: object) {
    const response = await fetch(`${kalla.address}/api/recipes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ description: '', ...recipe }),
    });
    expect(response.status, await response.text()).toBe(201);
  }

  const startButton = (page: Page) => page.getByRole('button', { name: 'Start the run' });
  const side = (page: Page, alias: string) => page.getByRole('region', { name: alias, exact: true });
  const accounted = (page: Page) => page.getByText('Every row of both sides is accounted for.');

  it('shows a run live, cancels it, runs it again, and goes on in another tab', { timeout: 180_000 }, async () => {
    await withPage(browser, kalla.address, {}, async (page, complaints) => {
      file.hold();
      await page.goto('/recipes/web/run');
      await dropFile(page, '.k-drop', 'invoices.csv', invoices);
      await side(page, 'invoices').getByText('The file fits.').waitFor();
      await startButton(page).click();
      const progress = page.getByRole('region', { name: 'Progress' });
      await progress.getByText('Reading payments').waitFor();
      await page.getByText('Reading sources').waitFor();

      await page.getByRole('button', { name: 'Cancel the run' }).click();
      const dialog = page.getByRole('dialog', { name: 'Cancel this run?' });
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: 'Cancel the run' }).click();
      await dialog.getByRole('button', { name: 'Cancel the run' }).click();
      await page.getByText('The run was cancelled. Nothing was kept of it.').waitFor();
      const cancelled = page.url();

      await page.getByRole('button', { name: 'Run again' }).click();
      await page.waitForURL((url) => url.pathname.startsWith('/runs/') && url.href !== cancelled);
      await progress.waitFor();
      const again = page.url();
      await page.close();

      const reopened = await browser.newPage({ baseURL: kalla.address });
      try {
        watch(reopened, complaints);
        await reopened.goto(again);
        await reopened.getByRole('region', { name: 'Progress' }).getByText('Reading payments').waitFor();
        file.letGo();
        await accounted(reopened).waitFor({ timeout: 90_000 });
      } finally {
        await reopened.close();
      }
      expect(complaints).toEqual([]);
      const run = (await (await fetch(`${kalla.address}/api/runs/${again.split('/').at(-1)}`)).json()) as Run;
      expect(run.counts).toMatchObject({ left: 400, right: 400, matched: 400, matched_left_rows: 400 });
    });
  });

  it('refuses a dropped file that does not fit, and keeps the page when one is dropped beside its place', async () => {
    await withPage(browser, kalla.address, {}, async (page, complaints) => {
      await page.goto('/recipes/files/run');
      await dropFile(page, '.k-drop', 'invoices.csv', invoices.replace('amount', 'amont'));
      await side(page, 'invoices').getByText('Is amount perhaps the column amont?').waitFor();
      expect(await startButton(page).isDisabled()).toBe(true);
      await dropFile(page, 'h1', 'invoices.csv', invoices);
      await page.getByText('Drop the file on the side that it belongs to.').waitFor();
      expect(new URL(page.url()).pathname).toBe('/recipes/files/run');
      await side(page, 'invoices').getByText('This file does not fit').waitFor();
      expect(complaints).toEqual([]);
    });
  });

  it('keeps the first answer about a file when the second is given', async () => {
    const doubtful =
      'invoice;amount;due\n' + lines(40, (i) => `I-${i};1,${100 + i};0${(i % 9) + 1}/0${((i * 2) % 9) + 1}/2026`);
    await withPage(browser, kalla.address, {}, async (page) => {
      await page.goto('/recipes/files/run');
      await dropFile(page, '.k-drop', 'invoices.csv', doubtful);
      const invoicesSide = side(page, 'invoices');
      await invoicesSide.getByText('Which comes first in a date?').waitFor();
      await invoicesSide.getByText('Which sign parts the decimals?').waitFor();
      await invoicesSide.getByRole('button', { name: 'The day (31.01.2026)' }).click();
      await invoicesSide.getByText('Which comes first in a date?').waitFor({ state: 'detached' });
      await invoicesSide.getByRole('button', { name: /^A comma/ }).click();
      await invoicesSide.getByText('The file fits.').waitFor();
    });
  });

  it('starts with the keyboard alone, and never loses the focus', { timeout: 180_000 }, async () => {
    await withPage(browser, kalla.address, {}, async (page) => {
      await page.goto('/recipes/files/run');
      for (const [alias, text] of [
        ['invoices', invoices],
        ['payments', payments],
      ] as const) {
        const label = `${alias}: Choose a file`;
        await tabTo(page, label);
        const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Space')]);
        await chooser.setFiles({ name: `${alias}.csv`, mimeType: 'text/csv', buffer: Buffer.from(text) });
        await side(page, alias).getByText('The file fits.').waitFor();
        expect(await page.evaluate(() => document.activeElement === document.body)).toBe(false);
      }
      await tabTo(page, 'Start the run');
      await page.keyboard.press('Enter');
      await accounted(page).waitFor({ timeout: 90_000 });
    });
  });

  async function tabTo(page: Page, name: string) {
    const reached: string[] = [];
    for (let presses = 0; presses < 40; presses++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
      );
      reached.push(at);
      if (at === name) return;
    }
    throw new Error(`"${name}" is not reached with Tab, only: ${reached.join(', ')}`);
  }
});
