import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../testing/require-part.ts';
import { startKalla, type RunningKalla } from './start-kalla.ts';
import { launchChromium, looks, withPage } from './with-page.ts';

const pictures = process.env.KALLA_TEST_SCREENSHOTS;

/** Names as they come out of other programs, and as somebody may have made them up. */
const odd = [
  'a "quoted" name',
  'line\nbreak',
  '🙂 money',
  "'); DROP TABLE x; --",
  '<img src=x onerror=alert(1)>',
  '‮backwards',
];
const oddName = (index: number) => `${odd[index % odd.length]} ${index}`;

/** Ten rows of `ref`, `columns - 2` columns of odd names, and `last`. */
function wideFile(columns: number, ref: string, last: string, from: number): string {
  const cell = (value: string | number) => `"${String(value).replaceAll('"', '""')}"`;
  const middle = Array.from({ length: columns - 2 }, (_, index) => index);
  const rows = Array.from({ length: 10 }, (_, row) => [
    `R-${row + from}`,
    ...middle.map((index) => (index % 3 === 0 ? `${row * 7}.${10 + (index % 90)}` : `${index} of ${row}`)),
    `L ${row + from}`,
  ]);
  return [[ref, ...middle.map(oddName), last], ...rows].map((row) => row.map(cell).join(',')).join('\n') + '\n';
}

/** A thousand columns take two minutes; `KALLA_TEST_LOOKS=all` takes them. */
const most = process.env.KALLA_TEST_LOOKS === 'all' ? 1000 : 320;

describeWith('chromium', 'files of 300 columns and more', (executablePath) => {
  let kalla: RunningKalla;
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'kalla-wide-'));
    writeFileSync(path.join(folder, 'wide.csv'), wideFile(300, 'reference', 'closing', 0));
    writeFileSync(path.join(folder, 'wider.csv'), wideFile(most, 'number', 'end', 2));
    if (pictures) mkdirSync(pictures, { recursive: true });
    [kalla, browser] = await Promise.all([startKalla({ KALLA_SAMPLE: '0' }), launchChromium(executablePath)]);
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await kalla?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  async function look(page: Page, name: string) {
    if (pictures) await page.screenshot({ path: path.join(pictures, `wide-${name}.png`) });
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  }
  const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
  const headsOf = (place: Locator) => place.locator('thead th');

  it(
    'are compared by keyboard, saved, run and looked at, with only what is near the screen in the document',
    { timeout: 900_000 },
    async () => {
      let address = '';
      await withPage(browser, kalla.address, {}, async (page, complaints) => {
        page.setDefaultTimeout(120_000);
        page.on('dialog', (dialog) => complaints.push(dialog.message()));
        await page.goto('/recipes/new');
        await page
          .locator('.rb input[type=file][multiple]')
          .setInputFiles(['wide.csv', 'wider.csv'].map((name) => path.join(folder, name)));
        const left = page.getByRole('region', { name: 'Left side wide' });
        const right = page.getByRole('region', { name: 'Right side wider' });
        await right.getByText(`of ${most.toLocaleString('en-GB')}`).waitFor();
        expect(await left.getByRole('table').getAttribute('aria-colcount')).toBe('300');
        expect(await right.getByRole('table').getAttribute('aria-colcount')).toBe(String(most));
        for (const side of [left, right]) expect(await headsOf(side).count()).toBeLessThan(40);
        // What could be found is on the page by now, so that nothing moves any more.
        await page.locator('.rb-sentence, .rb-proposals').first().waitFor();
        await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
        while ((await page.locator('.rb-condition').count()) > 0) {
          await page.getByRole('button', { name: 'Remove condition 1' }).click();
        }

        // One tab stop for all heads; the arrow keys, Home and End go through them.
        await left.getByRole('group', { name: 'First rows of wide' }).focus();
        await page.keyboard.press('Tab');
        expect(await focused(page)).toMatch(/^reference, /);
        await page.keyboard.press('ArrowRight');
        await expect.poll(() => focused(page)).toMatch(/^a "quoted" name 0, /);
        await page.keyboard.press('End');
        await expect.poll(() => focused(page)).toMatch(/^closing, /);
        await left.getByText(/Columns \d+ to 300 of 300/).waitFor();
        expect(await left.locator('th[aria-colindex="300"]').isVisible()).toBe(true);
        expect(await headsOf(left).count()).toBeLessThan(40);
        await page.keyboard.press('Enter');

        // The column that has the focus stays when the table is moved away from it.
        await left.getByRole('button', { name: 'Columns before these' }).click();
        expect(await left.locator('th[aria-colindex="300"]').count()).toBe(1);

        await right.getByRole('group', { name: 'First rows of wider' }).focus();
        await page.keyboard.press('Tab');
        await page.keyboard.press('End');
        await expect.poll(() => focused(page)).toMatch(/^end, .*compare with closing/);
        await page.keyboard.press('Enter');
        await page.getByText('8 of 10 matched, 2 unmatched').first().waitFor();

        // Moved through from end to end with the mouse, there is always something to see, and never too much.
        const table = right.getByRole('group', { name: 'First rows of wider' });
        await right.getByRole('button', { name: 'Columns before these' }).focus();
        for (const share of [0, 0.25, 0.5, 0.75, 1]) {
          await table.evaluate((element, to) => {
            element.scrollLeft = to * element.scrollWidth;
          }, share);
          const middle = async () =>
            await table.evaluate((element) => {
              const { left: x, top: y, width } = element.getBoundingClientRect();
              const at = (document.elementFromPoint(x + width / 2, y + 20) as HTMLElement | null)?.closest('th');
              return at?.getAttribute('aria-colindex') ?? null;
            });
          await table.scrollIntoViewIfNeeded();
          await expect.poll(middle).not.toBe(null);
          expect(await headsOf(right).count()).toBeLessThan(40);
        }
        await right.getByRole('searchbox', { name: 'Find a column' }).fill('money 8');
        // 🙂 money 8, 80, 86, 800 and on: every sixth column from the third on.
        expect(await headsOf(right).count()).toBe(
          Array.from({ length: most - 2 }, (_, index) => oddName(index)).filter((name) => name.includes('money 8'))
            .length,
        );
        await right.getByRole('searchbox', { name: 'Find a column' }).fill('');
        await look(page, 'builder');

        await page.getByLabel('Name', { exact: true }).fill('Wide');
        await page.getByRole('button', { name: 'Save and run' }).click();
        await page.waitForURL(/\/runs\//);
        await page.getByText('Every row of both sides is accounted for.').waitFor();
        address = page.url();
        expect(complaints).toEqual([]);
      });

      for (const options of looks) {
        await withPage(
          browser,
          kalla.address,
          { ...options, viewport: { width: options.width, height: 900 } },
          async (page, complaints) => {
            await page.goto(`${address}?set=unmatched_right`);
            const grid = page.getByRole('grid');
            await grid.locator('[role="gridcell"]').first().waitFor();
            // Of more than a hundred amounts a side the first are shown.
            const money = page.getByRole('region', { name: 'Where the money is' });
            const amounts = () => money.locator('tbody .rv-money-bar').count();
            expect(await amounts()).toBe(16);
            if (options.colorScheme === 'light') {
              await money.getByRole('button', { name: /^Show all \d+ amounts$/ }).click();
              expect(await amounts()).toBeGreaterThan(200);
              await page.reload();
              await grid.locator('[role="gridcell"]').first().waitFor();
            }
            expect(await grid.getAttribute('aria-colcount')).toBe(String(most));
            expect(await grid.locator('[role="columnheader"]').count()).toBeLessThan(60);
            await grid.focus();
            await page.keyboard.press('End');
            const active = () =>
              grid.evaluate((element) => {
                const cell = document.getElementById(element.getAttribute('aria-activedescendant') ?? '');
                const [inner, outer] = [cell?.getBoundingClientRect(), element.getBoundingClientRect()];
                return cell && inner && inner.right <= outer.right + 1 ? cell.getAttribute('aria-colindex') : null;
              });
            await expect.poll(active).toBe(String(most));
            await page.keyboard.press('Home');
            await page.keyboard.press('ArrowRight');
            await expect.poll(active).toBe('2');
            await page.getByRole('button', { name: 'Columns', exact: true }).click();
            await page.getByRole('searchbox', { name: 'Find a column' }).fill('money 80');
            await page.getByRole('checkbox', { name: '🙂 money 80', exact: true }).uncheck();
            await expect.poll(() => grid.getAttribute('aria-colcount')).toBe(String(most - 1));
            await look(page, `run-${options.width}-${options.colorScheme}`);
            await grid.focus();
            await page.keyboard.press('Enter');
            await page.getByRole('dialog').getByText('R-', { exact: false }).first().waitFor();
            await look(page, `row-${options.width}-${options.colorScheme}`);
            expect(complaints).toEqual([]);
          },
        );
      }
      await withPage(
        browser,
        kalla.address,
        { colorScheme: 'dark', viewport: { width: 320, height: 900 } },
        async (page, complaints) => {
          await page.goto('/recipes/wide');
          await page.getByText(`of ${most.toLocaleString('en-GB')}`).waitFor();
          await page.locator('.rb-counts:not(.rb-counts-stale)').first().waitFor();
          await page.getByRole('region', { name: 'Right side wider' }).scrollIntoViewIfNeeded();
          await look(page, 'recipe-320-dark');
          expect(complaints).toEqual([]);
        },
      );
    },
  );
});
