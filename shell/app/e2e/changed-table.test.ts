import { randomBytes } from 'node:crypto';
import { AxeBuilder } from '@axe-core/playwright';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeWith } from '../../../testing/require-part.ts';
import { startKalla, type RunningKalla } from './start-kalla.ts';
import { launchChromium, withPage } from './with-page.ts';

describeWith('chromium', 'a recipe on tables that change meanwhile', (executablePath) => {
  describeWith('postgres', 'with a PostgreSQL server', (postgres) => {
    const name = `kalla_changed_${randomBytes(5).toString('hex')}`;
    const address = new URL(postgres);
    address.pathname = `/${name}`;
    let kalla: RunningKalla;
    let browser: Browser;

    async function run(url: string, ...statements: string[]) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        for (const statement of statements) await client.query(statement);
      } finally {
        await client.end();
      }
    }
    const sql = (...statements: string[]) => run(address.href, ...statements);

    beforeAll(async () => {
      await run(postgres, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
      await sql(
        'CREATE TABLE ledger (entry int PRIMARY KEY, ref text, net numeric(12,2), day date)',
        'CREATE TABLE bank (line int PRIMARY KEY, reference text, paid numeric(12,2), booked date)',
      );
      [kalla, browser] = await Promise.all([startKalla({ KALLA_SAMPLE: '0' }), launchChromium(executablePath)]);
      for (const alias of ['ledger', 'bank']) {
        const body = { alias, type: 'postgres', uri: `${address.href}?table=public.${alias}` };
        const answer = await fetch(`${kalla.address}/api/sources`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        if (!answer.ok) throw new Error(await answer.text());
      }
    }, 240_000);
    afterAll(async () => {
      await browser?.close();
      await kalla?.stop();
      await run(postgres, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    });
    beforeEach(() =>
      sql(
        'TRUNCATE ledger, bank',
        `INSERT INTO ledger SELECT i, 'A-' || i, i + 0.1, date '2026-01-10' + i FROM generate_series(0, 9) i`,
        `INSERT INTO bank SELECT i * 7, 'a ' || i, i + 0.12, date '2026-01-10' + i FROM generate_series(0, 6) i`,
      ),
    );

    /** Opens the builder with both tables and waits for what the proposal finds. */
    const withBoth = (body: (page: Page) => Promise<void>) =>
      withPage(browser, kalla.address, {}, async (page, complaints) => {
        page.setDefaultTimeout(90_000);
        await page.goto('/recipes/new');
        for (const [side, alias] of [
          ['Left side', 'ledger'],
          ['Right side', 'bank'],
        ] as const) {
          const box = page
            .getByRole('region', { name: new RegExp(side) })
            .getByRole('combobox', { name: 'A source that is set up' });
          await box.fill(alias);
          await page.locator('[role="listbox"] [role="option"]').first().waitFor();
          await box.press('Enter');
        }
        await found(page, '7 of 10 matched, 3 unmatched');
        await body(page);
        // The browser reports every answer of 400 and above.
        expect(complaints.filter((text) => !text.includes('422'))).toEqual([]);
      });
    const counts = (page: Page) => page.locator('.rb-counts:not(.rb-counts-stale)');
    const found = (page: Page, text: string) => counts(page).getByText(text, { exact: true }).first().waitFor();
    const readAgain = (page: Page) => page.getByRole('button', { name: 'Read the data again' });
    const left = (page: Page) => page.getByRole('region', { name: /Left side/ });
    const dryRun = (page: Page) => page.getByRole('region', { name: 'Dry run' });
    const gone = 'ledger has changed since it was read: the column "ref" is gone, the column "document" is new.';

    it('reads the data again where that is asked for', { timeout: 300_000 }, async () => {
      await withBoth(async (page) => {
        await sql('DELETE FROM bank WHERE line > 7', 'DELETE FROM ledger WHERE entry = 3');
        await readAgain(page).focus();
        await page.keyboard.press('Enter');
        await found(page, '2 of 9 matched, 7 unmatched');
        // The rows that are shown are others too.
        await left(page).getByText('A-5', { exact: true }).waitFor();
        await page.getByRole('status').filter({ hasText: 'The data was read again.' }).waitFor({ state: 'attached' });
        expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Read the data again');
      });
    });

    it('counts anew by itself when the dry run comes to other rows', { timeout: 300_000 }, async () => {
      await withBoth(async (page) => {
        await sql('DELETE FROM bank WHERE line > 7');
        // A click that changes nothing about what is matched: what is kept would still say seven.
        await page.getByRole('radio', { name: /^As often as it fits/ }).check();
        await found(page, '2 of 10 matched, 8 unmatched');
      });
    });

    it('says which column is gone, and goes on with another', { timeout: 300_000 }, async () => {
      await withBoth(async (page) => {
        await sql('ALTER TABLE ledger RENAME ref TO document');
        try {
          await readAgain(page).click();
          await left(page).getByText(gone).waitFor();
          await dryRun(page).getByText(gone).waitFor();
          await page.getByText('"ledger" has no column "ref".').waitFor();
          expect(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true);
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);

          await page.getByText('ledger has no column ref any more. Choose another one.').waitFor();
          const box = page
            .locator('.rb-condition')
            .filter({ hasText: 'has no column ref any more' })
            .getByRole('combobox', { name: 'Column of ledger' });
          await box.fill('document');
          await page.locator('[role="listbox"] [role="option"]').first().waitFor();
          await box.press('Enter');
          await found(page, '7 of 10 matched, 3 unmatched');
        } finally {
          await sql('ALTER TABLE ledger RENAME document TO ref');
        }
      });
    });

    it('says so after a click on what was read before', { timeout: 300_000 }, async () => {
      await withBoth(async (page) => {
        await sql('ALTER TABLE ledger RENAME ref TO document');
        try {
          await page.getByRole('radio', { name: /^As often as it fits/ }).check();
          await left(page).getByText(gone).waitFor();
          await dryRun(page).getByText(gone).waitFor();
        } finally {
          await sql('ALTER TABLE ledger RENAME document TO ref');
        }
        await readAgain(page).click();
        await found(page, '7 of 10 matched, 3 unmatched');
      });
    });

    it('does not save a rule whose column is gone', { timeout: 300_000 }, async () => {
      await withBoth(async (page) => {
        await dryRun(page).getByRole('tab').first().waitFor();
        await page.getByLabel('Name', { exact: true }).fill('Too late');
        await sql('ALTER TABLE ledger RENAME ref TO document');
        try {
          await page.getByRole('button', { name: 'Save', exact: true }).click();
          const refused = page.getByRole('alert').filter({ hasText: 'It could not be saved' });
          await refused.getByText(`${gone} Mend the rule where it asks for what is gone, then save.`).waitFor();
        } finally {
          await sql('ALTER TABLE ledger RENAME document TO ref');
        }
        const { recipes } = (await (await fetch(`${kalla.address}/api/recipes`)).json()) as { recipes: unknown[] };
        expect(recipes).toEqual([]);
      });
    });
  });
});
