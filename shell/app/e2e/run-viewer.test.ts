import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import {
  compileRule,
  describeRule,
  ruleSchema,
  type Candidates,
  type Run,
  type RunSummary,
  type Upload,
} from '@kalla/core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith } from '../../../testing/require-part.ts';
import { startKalla, type RunningKalla } from './start-kalla.ts';
import { launchChromium, looks, withPage } from './with-page.ts';

const pictures = process.env.KALLA_TEST_SCREENSHOTS;

const invoices = `invoice,amount,currency,due
I-00001,100.00,EUR,2026-01-10
I-00002,200.50,EUR,2026-01-11
I-00003,-40.25,USD,2026-01-12
I-00004,75.10,EUR,2026-01-13
I-00005,60.00,USD,2026-01-14
I-00006,9.99,EUR,2026-01-15
`;
const payments = `payment,reference,paid,currency,received
P-1,I-00001,100.00,EUR,2026-01-12
P-2,I-00002,199.00,EUR,2026-01-11
P-3,I-00003,-40.25,USD,2026-01-15
P-4,i/4,72.10,EUR,2026-01-14
P-5,unknown,60.00,USD,2026-01-20
`;

// Each test opens several pages; on a machine under load that takes its time.
vi.setConfig({ testTimeout: 90_000 });

describeWith('chromium', 'a finished run in a browser', (executablePath) => {
  let kalla: RunningKalla;
  let browser: Browser;
  let runId: string;

  beforeAll(async () => {
    [kalla, browser] = await Promise.all([startKalla({ KALLA_SAMPLE: '0' }), launchChromium(executablePath)]);
    runId = await finishedRun();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await kalla?.stop();
  });

  async function call<T>(method: string, path: string, body?: object | FormData): Promise<T> {
    const json = body && !(body instanceof FormData);
    const response = await fetch(kalla.address + path, {
      method,
      ...(json ? { headers: { 'content-type': 'application/json' } } : {}),
      ...(body ? { body: json ? JSON.stringify(body) : (body as FormData) } : {}),
    });
    expect(response.ok, `${method} ${path}: ${response.status}`).toBe(true);
    return (await response.json()) as T;
  }

  async function upload(name: string, text: string): Promise<Upload> {
    const form = new FormData();
    form.set('file', new File([text], name, { type: 'text/csv' }));
    return call('POST', '/api/uploads', form);
  }

  const sources = {
    left: {
      type: 'file',
      alias: 'invoices',
      schema: ['invoice', 'amount', 'currency', 'due'],
      primary_key: ['invoice'],
    },
    right: {
      type: 'file',
      alias: 'payments',
      schema: ['payment', 'reference', 'paid', 'currency', 'received'],
      primary_key: ['payment'],
    },
  };

  async function finishedRun(): Promise<string> {
    await call('POST', '/api/recipes', {
      recipe_id: 'money',
      name: 'Money',
      description: '',
      sources,
      match_sql:
        'SELECT i.invoice, p.payment, i.amount, p.paid, i.currency, i.due, p.received FROM invoices i JOIN payments p ON i.invoice = p.reference',
      match_description: 'The payment names the invoice.',
    });
    const [left, right] = [await upload('i.csv', invoices), await upload('p.csv', payments)];
    return runOf('money', { invoices: left.upload_id, payments: right.upload_id });
  }

  async function runOf(recipe_id: string, files: Record<string, string>): Promise<string> {
    const { run_id } = await call<{ run_id: string }>('POST', '/api/runs', { recipe_id, files });
    for (const until = Date.now() + 90_000; Date.now() < until;) {
      const run = await call<Run>('GET', `/api/runs/${run_id}`);
      if (run.status === 'completed') return run_id;
      if (run.error) throw new Error(run.error.detail);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error('The run did not finish.');
  }

  const grid = (page: Page) => page.getByRole('grid');
  const sheet = (page: Page) => page.getByRole('dialog');
  const ready = (page: Page) => grid(page).locator('[aria-rowindex="2"] [role=gridcell]').first().waitFor();
  async function columnTexts(page: Page, name: string): Promise<string[]> {
    const index = await grid(page).getByRole('columnheader', { name, exact: true }).getAttribute('aria-colindex');
    return grid(page).locator(`.rv-window [aria-colindex="${index}"]`).allInnerTexts();
  }

  it('tells over the API where the money is and why a row is alone', async () => {
    const summary = await call<RunSummary>('GET', `/api/runs/${runId}/summary`);
    expect(summary.by_currency?.left?.groups).toEqual([
      { currency: 'EUR', rows: 4, sums: { amount: '385.59' } },
      { currency: 'USD', rows: 2, sums: { amount: '19.75' } },
    ]);
    expect(summary.by_currency?.unmatched_right?.groups).toEqual([
      { currency: 'EUR', rows: 1, sums: { paid: '72.10' } },
      { currency: 'USD', rows: 1, sums: { paid: '60.00' } },
    ]);
    const found = await call<Candidates>('GET', `/api/runs/${runId}/results/unmatched_left/rows/1/candidates`);
    expect(found.row.values['invoice']).toBe('I-00005');
    expect(found.unmatched.rows.map(({ values }) => values['payment'])).toEqual(['P-5']);
  });

  it('leads from an amount in the picture to its rows, and a link opens the same view', async () => {
    await withPage(browser, kalla.address, {}, async (page, complaints) => {
      await page.goto(`/runs/${runId}`);
      const money = page.getByRole('region', { name: 'Where the money is' });
      await money.getByTitle('Show the rows: unmatched, invoices.amount EUR').click();
      await page.waitForURL(/set=unmatched_left/);
      await page.getByText('2 of 3 rows').waitFor();
      expect(await columnTexts(page, 'invoice')).toEqual(['I-00004', 'I-00006']);
      const totals = page.getByRole('group', { name: 'Sums of these rows' });
      await totals.getByText('85.09').waitFor();

      // The bar does the same for those who point at it.
      await money.locator('svg .k-tone-matched').last().click();
      await page.waitForURL((url) => !url.searchParams.has('set'));
      await page.getByText('1 of 3 rows').waitFor();
      const link = page.url();
      await page.goto('/');
      await page.goto(link);
      await page.getByText('1 of 3 rows').waitFor();
      expect(await columnTexts(page, 'invoice')).toEqual(['I-00003']);
      expect(complaints).toEqual([]);
    });
  });

  it('shows on a narrow screen each amount above its bar, without scrolling sideways', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await withPage(browser, kalla.address, { colorScheme, viewport: { width: 320, height: 900 } }, async (page) => {
        await page.goto(`/runs/${runId}`);
        const money = page.getByRole('region', { name: 'Where the money is' });
        await money.locator('svg').first().waitFor();
        const box = (await money.boundingBox())!;
        if (pictures) await money.screenshot({ path: path.join(pictures, `money-320-${colorScheme}.png`) });
        const row = money.getByRole('row').nth(1);
        const bar = (await row.locator('svg').boundingBox())!;
        for (const amount of [row.getByText('385.59'), ...(await row.getByRole('button').all())]) {
          const at = (await amount.boundingBox())!;
          expect(at.x).toBeGreaterThanOrEqual(box.x);
          expect(at.x + at.width).toBeLessThanOrEqual(box.x + box.width);
          expect(at.y + at.height).toBeLessThanOrEqual(bar.y);
        }
        const heads = await Promise.all(
          ['Matched', 'Unmatched'].map((name) => money.getByRole('columnheader', { name, exact: true }).boundingBox()),
        );
        const links = await Promise.all((await row.getByRole('button').all()).map((each) => each.boundingBox()));
        expect(links.map((at, i) => Math.abs(at!.x + at!.width - heads[i]!.x - heads[i]!.width) < 14)).toEqual([
          true,
          true,
        ]);
        expect((await new AxeBuilder({ page }).include('.rv-money').analyze()).violations).toEqual([]);
      });
    }
  });

  it('makes differences that are sorted by, filtered by and hidden like any column', async () => {
    await withPage(browser, kalla.address, {}, async (page) => {
      await page.goto(`/runs/${runId}?sort=-amount+%E2%88%92+paid`);
      await ready(page);
      expect(await columnTexts(page, 'amount − paid')).toEqual(['1.50', '0.00', '0.00']);
      expect(await columnTexts(page, 'received − due')).toEqual(['0', '2', '3']);
      await page.getByLabel('Column to filter by').selectOption('received − due');
      await page.getByLabel('Condition').selectOption('gte');
      await page.getByLabel('Value', { exact: true }).fill('2');
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByText('2 of 3 rows').waitFor();
      expect(await columnTexts(page, 'payment')).toEqual(['P-1', 'P-3']);

      await page.getByRole('button', { name: 'Columns' }).click();
      await page.getByRole('checkbox', { name: 'currency' }).uncheck();
      await page.waitForURL((url) => url.searchParams.get('hide') === 'currency');
      await page.reload();
      await ready(page);
      expect(await grid(page).getByRole('columnheader', { name: 'currency' }).count()).toBe(0);
      await page.getByRole('button', { name: 'Columns (1 hidden)' }).click();
      await page.getByRole('button', { name: 'Show all columns' }).click();
      await grid(page).getByRole('columnheader', { name: 'currency' }).waitFor();
      // A filter on a difference goes with the difference.
      await page.getByRole('button', { name: 'Remove the difference received − due' }).click();
      await page.getByText('3 rows', { exact: true }).waitFor();
      await grid(page).getByRole('columnheader', { name: 'received − due' }).waitFor({ state: 'detached' });
    });
  });

  it('filters by amounts and days as the reader writes them, and says what is no number', async () => {
    await withPage(browser, kalla.address, { locale: 'de-DE' }, async (page, complaints) => {
      await page.goto(`/runs/${runId}?set=unmatched_left`);
      await ready(page);
      const [column, condition] = [page.getByLabel('Column to filter by'), page.getByLabel('Condition')];
      const value = page.getByLabel('Value', { exact: true });
      const add = page.getByRole('button', { name: 'Add', exact: true });
      await column.selectOption('amount');
      await condition.selectOption('lt');
      for (const [typed, said] of [
        ['60,5x', '“60,5x” is no number of this column. Write one such as 1.234,56.'],
        ['', 'Write what it is compared with.'],
      ] as const) {
        await value.fill(typed);
        await add.click();
        await page.getByRole('alert').getByText(said).waitFor();
        expect([
          await value.getAttribute('aria-invalid'),
          await page.evaluate(() => document.activeElement?.tagName),
        ]).toEqual(['true', 'INPUT']);
      }
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
      await page.getByText('3 rows', { exact: true }).waitFor();
      await value.fill('60,50');
      await add.click();
      await page.getByText('2 of 3 rows').waitFor();
      expect(await columnTexts(page, 'amount')).toEqual(['60,00', '9,99']);
      await page.getByRole('button', { name: 'Remove the filter amount is less than 60,50' }).waitFor();
      expect(new URL(page.url()).searchParams.get('filter')).toBe('lt:amount=60.50');

      await column.selectOption('due');
      await condition.selectOption('gte');
      expect(await value.getAttribute('type')).toBe('date');
      await value.fill('2026-01-15');
      await value.press('Enter');
      await page.getByText('1 of 3 rows').waitFor();
      expect(await columnTexts(page, 'invoice')).toEqual(['I-00006']);
      await page.getByRole('button', { name: 'Remove the filter due is at least 15.01.2026' }).waitFor();
      expect(complaints).toEqual([]);
    });
  });

  it('keeps the focus where what had it goes away', async () => {
    await withPage(browser, kalla.address, {}, async (page) => {
      await page.goto(`/runs/${runId}?filter=gte:amount=-50&filter=contains:invoice=I&q=I&hide=currency`);
      await ready(page);
      const focus = () =>
        page.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.textContent.slice(0, 40));
      const press = async (name: string) => {
        const button = page.getByRole('button', { name, exact: true });
        await button.focus();
        await page.keyboard.press('Enter');
        await button.waitFor({ state: 'detached' });
      };
      await press('Remove the filter amount is at least -50');
      expect(await focus()).toBe('Remove the filter invoice contains I');
      await press('Remove the filter invoice contains I');
      expect(await focus()).toBe('Show all rows');
      await press('Show all rows');
      expect(await focus()).not.toContain('Skip to the content');
      await page.getByRole('button', { name: 'Columns (1 hidden)' }).press('Enter');
      await press('Show all columns');
      expect(await focus()).toBe('Remove the difference amount − paid');
      await press('Remove the difference amount − paid');
      expect(await focus()).toBe('Remove the difference received − due');

      // Who comes by a link to a row goes on among the rows.
      await page.goto(`/runs/${runId}?set=unmatched_left&row=1`);
      await sheet(page).getByRole('heading', { name: 'Unmatched in invoices, row 2' }).waitFor();
      await ready(page);
      await page.keyboard.press('Escape');
      await sheet(page).waitFor({ state: 'hidden' });
      await expect.poll(focus).toBe('Unmatched in invoices, table of rows');
      await page.keyboard.press('Enter');
      await sheet(page).getByRole('heading', { name: 'Unmatched in invoices, row 1' }).waitFor();
    });
  });

  it('opens a match with the keyboard, steps on, and gives the focus back', async () => {
    await withPage(browser, kalla.address, {}, async (page) => {
      await page.goto(`/runs/${runId}?sort=invoice`);
      await ready(page);
      await grid(page).focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await sheet(page).getByText('P-2', { exact: true }).waitFor();
      await page.waitForURL((url) => url.searchParams.has('row'));
      const different = sheet(page).locator('.rv-differs');
      expect(await different.count()).toBe(1);
      expect((await different.innerText()).split(/\s+/)).toEqual(['amount', '200.50', 'paid', '199.00', '1.50']);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await sheet(page).getByText('P-3', { exact: true }).waitFor();
      await page.keyboard.press('Escape');
      await sheet(page).waitFor({ state: 'hidden' });
      await page.waitForURL((url) => !url.searchParams.has('row'));
      expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid');
      // Up from the first row is the header, where Enter sorts.
      await page.keyboard.press('Control+Home');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Enter');
      await page.waitForURL((url) => url.searchParams.get('sort') === '-invoice');
    });
  });

  it('says of an unmatched row what comes nearest, and goes there', async () => {
    await withPage(browser, kalla.address, {}, async (page, complaints) => {
      await page.goto(`/runs/${runId}?set=unmatched_left&row=0`);
      const nearest = sheet(page).getByRole('region', { name: 'Nearest unmatched rows in payments' });
      await nearest.getByText('3.00 less').first().waitFor();
      expect(await nearest.locator('summary').first().innerText()).toBe('same currency · 3.00 less · 1 day later');
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      await nearest.getByRole('button', { name: 'Go to this row' }).first().click();
      await page.waitForURL((url) => url.searchParams.get('set') === 'unmatched_right');
      await sheet(page).getByRole('heading', { name: 'Unmatched in payments, row 1' }).waitFor();
      await page.goto(`/runs/${runId}?set=unmatched_left&row=2`);
      await sheet(page).getByText('No unmatched row of payments has its reference').waitFor();
      await page.goto(`/runs/${runId}?set=unmatched_left&row=99`);
      await sheet(page).getByText('This row is not in the result any more.').waitFor();
      expect(complaints).toEqual([]);
    });
  });

  it('says which conditions of a clicked rule an unmatched row fails, and by how much', async () => {
    const [left, right] = [await upload('i.csv', invoices), await upload('p.csv', payments)];
    const rule = ruleSchema.parse({
      conditions: [
        { kind: 'equal', left: 'invoice', right: 'reference' },
        { kind: 'amount', left: 'amount', right: 'paid', tolerance: { kind: 'absolute', value: '0.05' } },
        { kind: 'date', left: 'due', right: 'received', before: 0, after: 2 },
      ],
    });
    const side = (of: 'left' | 'right', { columns }: Upload) => ({ ...sources[of], columns });
    const [one, other] = [side('left', left), side('right', right)];
    await call('POST', '/api/recipes', {
      recipe_id: 'clicked',
      name: 'Clicked',
      description: '',
      sources,
      match_sql: compileRule(rule, one, other),
      match_description: describeRule(rule, one, other),
      rule,
    });
    const run = await runOf('clicked', { invoices: left.upload_id, payments: right.upload_id });
    for (const options of looks) {
      await withPage(
        browser,
        kalla.address,
        { ...options, viewport: { width: options.width, height: 900 } },
        async (page, complaints) => {
          // I-00002 was paid on its day, 1.50 too little; I-00003 in full, three days late.
          await page.goto(`/runs/${run}?set=unmatched_left&row=0`);
          const card = sheet(page).locator('details').first();
          await card.getByText("1 of the rule's 3 conditions does not hold for these two rows:").waitFor();
          expect(await card.getByRole('listitem').allInnerTexts()).toEqual([
            '✓\n“invoice” and “reference” are the same',
            '✗\n“amount” and “paid” differ by 1.50; the rule allows 0.05',
            '✓\n“due” and “received” are within the days that the rule allows',
          ]);
          if (pictures) await page.screenshot({ path: path.join(pictures, `why-${options.width}.png`) });
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
          await page.goto(`/runs/${run}?set=unmatched_right&row=1`);
          await card.getByText('“received” is 3 days after “due”; the rule allows 2').waitFor();
          expect(complaints).toEqual([]);
        },
      );
    }
    // A match: what the rule compares first, in its order, then equal names; the two keys have nothing to do with each other.
    await withPage(browser, kalla.address, {}, async (page) => {
      await page.goto(`/runs/${run}?set=matched&row=0`);
      const lines = sheet(page).locator('.rv-fields tbody tr');
      await lines.first().waitFor();
      const names = await lines.evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll('.rv-field-name')].map((name) => name.textContent).join('|')),
      );
      expect(names).toEqual([
        'invoice|reference',
        'left_amount|right_amount',
        'left_date|right_date',
        'left_currency|right_currency',
        'payment',
      ]);
      if (pictures) await page.screenshot({ path: path.join(pictures, 'match-sides.png') });
    });
    // Of SQL that was written by hand there is nothing to be told but what the values say.
    await withPage(browser, kalla.address, {}, async (page) => {
      await page.goto(`/runs/${runId}?set=unmatched_left&row=0`);
      await sheet(page).locator('details').first().waitFor();
      await sheet(page).getByText('The rule was not asked.').waitFor();
      expect(await sheet(page).getByText('conditions').count()).toBe(0);
    });
  });

  it('prints a summary without what is only for the screen', async () => {
    await withPage(browser, kalla.address, { colorScheme: 'dark' }, async (page) => {
      await page.goto(`/runs/${runId}`);
      await ready(page);
      await page.evaluate(() => {
        window.print = () => document.body.setAttribute('data-printed', 'yes');
      });
      await page.getByRole('button', { name: 'Print' }).click();
      expect(await page.locator('body').getAttribute('data-printed')).toBe('yes');
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      await page.getByText(`Run ${runId}`).waitFor();
      await page.getByRole('region', { name: 'Where the money is' }).waitFor();
      expect(await grid(page).isVisible()).toBe(false);
      expect(await page.getByRole('button', { name: 'Run again' }).isVisible()).toBe(false);
      expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('light');
    });
  });

  it('keeps what a run found when its recipe is deleted, and offers no other run', async () => {
    const deleted = await fetch(`${kalla.address}/api/recipes/money`, { method: 'DELETE' });
    expect(deleted.ok).toBe(true);
    expect((await call<Run>('GET', `/api/runs/${runId}`)).recipe_deleted).toBe(true);
    await withPage(browser, kalla.address, {}, async (page) => {
      await page.goto(`/runs/${runId}`);
      await ready(page);
      await page.getByText('Its recipe was deleted, so it cannot be run again.').waitFor();
      await page.getByRole('button', { name: 'Print' }).waitFor();
      expect(await page.getByRole('button', { name: 'Run again' }).count()).toBe(0);
      expect(await page.getByRole('link', { name: 'Run with other files' }).count()).toBe(0);
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    });
  });
});
