import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { StoredRecipe, Upload } from '@kalla/core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeBigWorkbook } from '../../../testing/big-workbook.ts';
import { describeWith } from '../../../testing/require-part.ts';
import { startKalla, type RunningKalla } from './start-kalla.ts';
import { launchChromium } from './with-page.ts';

/** Column names as they come out of other programs, and as somebody may have made them up. */
const oddNames = ['a "quoted" name', 'line\nbreak', '🙂 money', "'); DROP TABLE x; --", '<img src=x onerror=alert(1)>'];

const csv = (rows: readonly (readonly (string | number)[])[]) =>
  rows.map((row) => row.map((cell) => `"${String(cell).replaceAll('"', '""')}"`).join(',')).join('\n') + '\n';
const count = (length: number) => Array.from({ length }, (_, index) => index);

const contents = {
  'ledger.csv': csv([['ref', 'net', 'day'], ...count(10).map((i) => [`A-${i}`, `${i}.10`, `2026-01-1${i}`])]),
  'bank.csv': csv([['reference', 'paid', 'booked'], ...count(7).map((i) => [`a ${i}`, `${i}.12`, `2026-01-1${i}`])]),
  'days.csv': csv([
    ['reference', 'paid', 'booked'],
    ...count(7).map((i) => [`a ${i}`, `${i}.12`, `0${1 + i}/02/2026`]),
  ]),
  'stars.csv': csv([['star', 'spectral'], ...count(30).map((i) => [`HD ${i * 7919}`, `G${i % 9}V`])]),
  'moods.csv': csv([['mood', 'colour'], ...count(12).map((i) => [`m${'x'.repeat(i)}`, ['red', 'green'][i % 2] ?? ''])]),
  'wide.csv': csv([['id', ...count(299).map((i) => `column ${i}`)], ...count(5).map((r) => [`W${r}`, ...count(299)])]),
  'wide-too.csv': csv([
    ['key', ...count(299).map((i) => `field ${i}`)],
    ...count(5).map((r) => [`W${r}`, ...count(299)]),
  ]),
  'odd.csv': csv([
    ['id', ...oddNames],
    ...count(9).map((i) => [`K-${i}`, `q${i}`, `l${i}`, `${i}.50`, `s${i}`, `<b>${i}</b>`]),
  ]),
  'odd-too.csv': csv([
    ['id', ...oddNames],
    ...count(9).map((i) => [`K-${i + 3}`, `q${i}`, `l${i}`, `${i}.50`, `s${i}`, `<b>${i}</b>`]),
  ]),
  'one.csv': csv([
    ['ref', 'net', 'nothing'],
    ['X-1', '5.00', ''],
  ]),
  'one-too.csv':
    csv([
      ['ref', 'net', 'nothing'],
      ['X-1', '5.00', ''],
    ]) + '\n',
} as const;

describeWith('chromium', 'the recipe builder, given what people give it', (executablePath) => {
  let kalla: RunningKalla;
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'kalla-builder-'));
    for (const [name, text] of Object.entries(contents)) writeFileSync(path.join(folder, name), text);
    [kalla, browser] = await Promise.all([startKalla({ KALLA_SAMPLE: '0' }), launchChromium(executablePath)]);
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await kalla?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const file = (name: keyof typeof contents) => path.join(folder, name);

  /** Opens the builder with two files. */
  const withFiles = (
    names: readonly [keyof typeof contents, keyof typeof contents],
    body: (page: Page) => Promise<void>,
    expected?: RegExp,
  ) =>
    withPage(async (page) => {
      await page.locator('.rb input[type=file][multiple]').setInputFiles(names.map(file));
      await body(page);
    }, expected);

  /** Opens the builder; fails the test on whatever the browser complains about, a script of a column's name included. */
  async function withPage(body: (page: Page) => Promise<void>, expected: RegExp = /$^/) {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
      baseURL: kalla.address,
    });
    context.setDefaultTimeout(90_000);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('dialog', (dialog) => complaints.push(dialog.message()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !expected.test(message.text()))
        complaints.push(message.text());
    });
    try {
      await page.goto('/recipes/new');
      await body(page);
      expect(complaints).toEqual([]);
    } finally {
      await context.close();
    }
  }

  const counts = (page: Page) => page.locator('.rb-counts:not(.rb-counts-stale)');
  const found = (page: Page, text: string) => counts(page).getByText(text, { exact: true }).first().waitFor();
  const sentence = (page: Page) => page.locator('.rb-sentence').innerText();
  async function choose(page: Page, label: string, typed: string) {
    const box = page.getByRole('combobox', { name: label });
    await box.fill(typed);
    await page.locator('[role="listbox"] [role="option"]').first().waitFor();
    await box.press('Enter');
  }

  it('says how much of a large workbook is looked through, and stops in the middle', { timeout: 300_000 }, async () => {
    const workbook = path.join(folder, 'large.xlsx');
    await writeBigWorkbook(workbook, 100_000);
    const kept = async () => {
      const { uploads } = (await (await fetch(`${kalla.address}/api/uploads`)).json()) as { uploads: Upload[] };
      return uploads.filter(({ filename }) => filename === 'large.xlsx').length;
    };
    await withPage(async (page) => {
      const side = page.getByRole('region', { name: /Left side/ });
      const input = side.locator('input[type=file]');
      await input.waitFor({ state: 'attached' });
      // All that the page says of it, however short it stands there.
      await page.evaluate(() => {
        const said: { text: string; share: number }[] = [];
        Object.assign(window, { said });
        new MutationObserver(() => {
          const bar = document.querySelector<HTMLProgressElement>('.k-file-progress progress');
          const text = bar?.parentElement?.querySelector('[role=status]')?.textContent ?? '';
          if (bar) said.push({ text, share: bar.position });
        }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
      });
      await input.setInputFiles(workbook);
      await side.getByText(/^Reading every cell of large\.xlsx … [1-9]\d*%/).waitFor();
      await side.getByRole('button', { name: 'Stop the upload' }).click();
      await input.waitFor({ state: 'attached' });
      expect(await kept()).toBe(0);

      await page.evaluate(() => void ((window as unknown as { said: unknown[] }).said.length = 0));
      await input.setInputFiles(workbook);
      await side.getByText('100,000 rows').waitFor();
      expect(await kept()).toBe(1);
      const said = await page.evaluate(() => (window as unknown as { said: { text: string; share: number }[] }).said);
      const reading = said.filter(
        ({ text, share }) => text.startsWith('Reading every cell of large.xlsx …') && share >= 0,
      );
      const shares = reading.map(({ share }) => share);
      expect(new Set(shares).size).toBeGreaterThan(2);
      expect(shares).toEqual(shares.toSorted((one, other) => one - other));
      for (const { text, share } of reading) expect(text).toContain(`${Math.floor(share * 100 + 1e-9)}%`);
    });
  });

  it('says that two files have nothing in common, and leads on', { timeout: 300_000 }, async () => {
    await withFiles(['stars.csv', 'moods.csv'], async (page) => {
      await page.getByText('Nothing in common was found').waitFor();
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
      const add = page.getByRole('form', { name: 'Add a condition' });
      await choose(page, 'Column of stars', 'spec');
      await choose(page, 'Column of moods', 'colour');
      await add.getByRole('button', { name: 'Add a condition' }).click();
      await found(page, '0 of 30 matched, 30 unmatched');
      expect(await sentence(page)).toContain('"spectral" of stars');
    });
  });

  it('says that both sides are the same file', { timeout: 300_000 }, async () => {
    await withFiles(['ledger.csv', 'ledger.csv'], async (page) => {
      await page.getByText('Both sides are the same file').first().waitFor();
    });
  });

  it('swaps the sides, keeps the draft over a reload, and undoes', { timeout: 300_000 }, async () => {
    await withFiles(['bank.csv', 'ledger.csv'], async (page) => {
      await found(page, '7 of 7 matched, 0 unmatched');
      await page.getByRole('button', { name: 'Swap the sides' }).click();
      await page.getByRole('region', { name: 'Left side ledger' }).waitFor();
      await found(page, '7 of 10 matched, 3 unmatched');
      expect(await sentence(page)).toMatch(/^A row of ledger and a row of bank/);
      await page.getByLabel('Name', { exact: true }).fill('Kept');
      const before = await sentence(page);

      await page.reload();
      await page.getByText('Your changes from last time are still here').waitFor();
      await found(page, '7 of 10 matched, 3 unmatched');
      expect(await sentence(page)).toBe(before);
      expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Kept');

      await page.getByRole('checkbox', { name: 'capitals' }).first().uncheck();
      await found(page, '0 of 10 matched, 10 unmatched');
      await page.locator('body').press('Control+z');
      await found(page, '7 of 10 matched, 3 unmatched');
      await page.getByRole('button', { name: 'Start over' }).click();
      await page.locator('.rb input[type=file][multiple]').waitFor({ state: 'attached' });
    });
  });

  it('says that a file is gone, and goes on with another', { timeout: 300_000 }, async () => {
    await withFiles(
      ['ledger.csv', 'bank.csv'],
      async (page) => {
        await found(page, '7 of 10 matched, 3 unmatched');
        const before = await sentence(page);
        const { uploads } = (await (await fetch(`${kalla.address}/api/uploads`)).json()) as { uploads: Upload[] };
        const gone = uploads.find(({ filename }) => filename === 'bank.csv');
        await fetch(`${kalla.address}/api/uploads/${gone?.upload_id}`, {
          method: 'DELETE',
          headers: { origin: kalla.address },
        });
        await page.reload();
        await page.getByText('bank.csv is no longer kept').waitFor();
        await page
          .getByRole('region', { name: /Right side/ })
          .locator('input[type=file]')
          .setInputFiles(file('bank.csv'));
        await found(page, '7 of 10 matched, 3 unmatched');
        expect(await sentence(page)).toBe(before);
      },
      /404|422/,
    );
  });

  it('finds one of 300 columns by typing', { timeout: 300_000 }, async () => {
    await withFiles(['wide.csv', 'wide-too.csv'], async (page) => {
      const add = page.getByRole('form', { name: 'Add a condition' });
      await add.waitFor();
      const box = add.getByRole('combobox').first();
      await box.click();
      expect(await page.getByRole('option').count()).toBeLessThanOrEqual(60);
      await page.getByText('more: type a part of the name').waitFor();
      await box.fill('column 217');
      await box.press('Enter');
      expect(await box.inputValue()).toBe('column 217');
      await page.getByRole('searchbox', { name: 'Find a column' }).first().fill('217');
      await page.getByRole('button', { name: /^column 217,/ }).waitFor();
      expect(await page.getByRole('button', { name: /^column \d+,/ }).count()).toBe(1);
    });
  });

  it('takes columns of any name, saves what they make, and runs it', { timeout: 300_000 }, async () => {
    await withFiles(['odd.csv', 'odd-too.csv'], async (page) => {
      await page.locator('.rb-condition').first().waitFor();
      while ((await page.locator('.rb-condition').count()) > 0) {
        await page.getByRole('button', { name: 'Remove condition 1' }).click();
      }
      const add = page.getByRole('form', { name: 'Add a condition' });
      for (const name of oddNames) {
        const typed = name.split('\n')[0] ?? '';
        for (const side of [0, 1]) {
          const box = add.getByRole('combobox').nth(side);
          await box.fill(typed);
          await page.locator('[role="listbox"] [role="option"]').first().waitFor();
          await box.press('Enter');
        }
        await add.getByRole('button', { name: 'Add a condition' }).click();
      }
      expect(await page.locator('.rb-condition').count()).toBe(oddNames.length);
      await found(page, '9 of 9 matched, 0 unmatched');
      // A sentence is one line: the line break in a name is shown as a space.
      const shown = await page.locator('.rb-sentence').textContent();
      for (const name of oddNames) expect(shown).toContain(name.replace('\n', ' '));
      await page.getByLabel('Name', { exact: true }).fill('<b>Odd</b>');
      await page.getByRole('button', { name: 'Save and run' }).click();
      await page.waitForURL(/\/runs\//);
      await page.getByText('Every row of both sides is accounted for.').waitFor();
      await page.locator('[role="grid"] [aria-rowindex="3"]').waitFor();
      await page.setViewportSize({ width: 320, height: 800 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, 'the list of columns pushes the page apart').toBeLessThanOrEqual(0);
    });
  });

  it('matches files of one row', { timeout: 300_000 }, async () => {
    await withFiles(['one.csv', 'one-too.csv'], async (page) => {
      await found(page, '1 of 1 matched, 0 unmatched');
      expect(await page.locator('main').innerText()).not.toMatch(/\b1 (rows|different values|columns)\b/);
    });
  });

  it('keeps what is no number in the field and says which one still holds', { timeout: 300_000 }, async () => {
    await withFiles(['ledger.csv', 'bank.csv'], async (page) => {
      await found(page, '7 of 10 matched, 3 unmatched');
      // Whatever the proposal compares, there is an amount with a tolerance afterwards.
      if ((await page.getByLabel('May differ by').count()) === 0) {
        const add = page.getByRole('form', { name: 'Add a condition' });
        for (const [index, column] of ['net', 'paid'].entries()) {
          const box = add.getByRole('combobox').nth(index);
          await box.fill(column);
          await page.locator('[role="listbox"] [role="option"]').first().waitFor();
          await box.press('Enter');
        }
        await add.getByRole('button', { name: 'Add a condition' }).click();
      }
      const field = page.getByLabel('May differ by').first();
      const said = async () => {
        const id = await field.getAttribute('aria-describedby');
        return id && page.locator(`[id="${id}"]`).innerText();
      };
      await field.fill('0.05');
      await found(page, '7 of 10 matched, 3 unmatched');
      for (const [typed, sentence] of [
        ['abc', '“abc” is not a number, so 0.05 still holds.'],
        ['1,000', '“1,000” cannot be used here, so 0.05 still holds.'],
        ['', 'Nothing is written here, so 0.05 still holds.'],
      ] as const) {
        await field.fill(typed);
        await page.keyboard.press('Tab');
        expect(await field.evaluate((element) => element === document.activeElement)).toBe(false);
        expect([await field.inputValue(), await field.getAttribute('aria-invalid')]).toEqual([typed, 'true']);
        expect(await said()).toContain(sentence);
      }
      // The sentence stands below; the field stays in line with its neighbours.
      const [box, unit] = [await field.boundingBox(), await page.getByLabel('in', { exact: true }).boundingBox()];
      expect(Math.abs((box?.y ?? 0) - (unit?.y ?? 0))).toBeLessThan(12);
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
      await found(page, '7 of 10 matched, 3 unmatched');
      // Mended: by another way to set it, and by a number.
      await field.fill('none');
      const slider = page.getByLabel('Tolerance', { exact: true }).first();
      await slider.focus();
      await page.keyboard.press('Home');
      await found(page, '0 of 10 matched, 10 unmatched');
      expect([await field.inputValue(), await said()]).toEqual(['0', null]);
      await field.fill('0.5x');
      await field.fill('0,5');
      await page.keyboard.press('Tab');
      expect([await field.inputValue(), await said()]).toEqual(['0.5', null]);
      await found(page, '7 of 10 matched, 3 unmatched');
    });
  });

  it('keeps days above the most in the field and says how many still hold', { timeout: 300_000 }, async () => {
    await withFiles(['ledger.csv', 'bank.csv'], async (page) => {
      await found(page, '7 of 10 matched, 3 unmatched');
      const field = page.getByRole('textbox', { name: 'Days before' });
      // Whatever the proposal compares, there is a date with its days afterwards.
      if ((await field.count()) === 0) {
        const add = page.getByRole('form', { name: 'Add a condition' });
        for (const [index, column] of ['day', 'booked'].entries()) {
          const box = add.getByRole('combobox').nth(index);
          await box.fill(column);
          await page.locator('[role="listbox"] [role="option"]').first().waitFor();
          await box.press('Enter');
        }
        await add.getByRole('button', { name: 'Add a condition' }).click();
      }
      const state = async () => {
        const id = await field.getAttribute('aria-describedby');
        return [await field.inputValue(), id && (await page.locator(`[id="${id}"]`).innerText())];
      };
      await field.fill('3660');
      await page.keyboard.press('Tab');
      expect(await state()).toEqual(['3660', null]);
      await field.fill('3661');
      await page.keyboard.press('Tab');
      expect(await state()).toEqual([
        '3661',
        '“3661” cannot be used here, so 3660 still holds. Write a number up to 3660.',
      ]);
      await field.fill('45');
      expect(await state()).toEqual(['45', null]);
      await page.keyboard.press('Tab');
      await found(page, '7 of 10 matched, 3 unmatched');
      expect(await sentence(page)).toContain('45 days');
    });
  });

  it('stays readable while it counts anew', { timeout: 300_000 }, async () => {
    await withFiles(['ledger.csv', 'bank.csv'], async (page) => {
      await found(page, '7 of 10 matched, 3 unmatched');
      await page.locator('.rb-dry-rows').waitFor();
      let go = () => {};
      const gate = new Promise<void>((resolve) => (go = resolve));
      for (const path of ['counts', 'preview'])
        await page.route(`**/api/recipes/${path}`, async (route) => {
          await gate;
          await route.continue();
        });
      await page.getByRole('checkbox', { name: 'leading zeros' }).first().click();
      await page.locator('.rb-counts-stale').nth(1).waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${colorScheme} ${id}: ${nodes[0]?.html}`)).toEqual([]);
      }
      go();
      await found(page, '7 of 10 matched, 3 unmatched');
    });
  });

  it(
    'says where SQL that was written by hand is wrong, and goes back to the clicks',
    { timeout: 300_000 },
    async () => {
      await withFiles(
        ['ledger.csv', 'bank.csv'],
        async (page) => {
          await found(page, '7 of 10 matched, 3 unmatched');
          await page.getByText('The rule as SQL').click();
          const editor = page.getByRole('textbox', { name: 'SQL of the rule' });
          const sql = await editor.inputValue();
          await editor.fill(`${sql}\nWHERE nowhere = 1`);
          await page.getByText('The SQL was changed by hand').waitFor();
          await page
            .getByRole('status', { name: 'What is wrong with it' })
            .getByText(/nowhere/)
            .first()
            .waitFor();
          expect(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true);
          await page.getByRole('button', { name: 'Go back to the clicks' }).click();
          expect(await editor.inputValue()).toBe(sql);
          await found(page, '7 of 10 matched, 3 unmatched');
          await editor.fill(`${sql} `);
          await editor.fill(sql);
          await page.getByText('The SQL was changed by hand').waitFor({ state: 'detached' });
        },
        /422/,
      );
    },
  );

  it('keeps every version, says what changed, and goes back', { timeout: 300_000 }, async () => {
    await withFiles(['ledger.csv', 'bank.csv'], async (page) => {
      await found(page, '7 of 10 matched, 3 unmatched');
      await page.getByLabel('Name', { exact: true }).fill('Versions');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.waitForURL('/recipes/versions');
      await page.getByRole('button', { name: 'Run now' }).waitFor();
      const first = await sentence(page);
      // The files are still at hand, and the clicks make the SQL that was stored.
      await found(page, '7 of 10 matched, 3 unmatched');
      await page.getByRole('radio', { name: /As often as it fits/ }).check();
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('version 2', { exact: true }).waitFor();

      await page.getByText('Version history').click();
      await page.getByText('A row may belong to several rows of the other side now.').waitFor();
      await page.getByRole('button', { name: 'Go back to version 1' }).click();
      await found(page, '7 of 10 matched, 3 unmatched');
      expect(await sentence(page)).toBe(first);
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('version 3', { exact: true }).waitFor();
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

      await page.goto('/');
      const card = page.getByRole('listitem').filter({ hasText: 'Versions' });
      await card.getByRole('button', { name: 'Rename Versions' }).click();
      await page.getByRole('dialog').getByLabel('Name').fill('Renamed');
      await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
      await page.getByRole('heading', { name: 'Renamed' }).waitFor();
      await page.getByRole('link', { name: 'Duplicate Renamed' }).click();
      await page.getByRole('heading', { name: 'Copy of Renamed' }).waitFor();
      expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Copy of Renamed');
      await page.goto('/');
      await page.getByRole('button', { name: 'Delete Renamed' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
      const stored = await fetch(`${kalla.address}/api/recipes/versions`);
      expect(((await stored.json()) as StoredRecipe).version).toBe(4);
      await page.getByRole('button', { name: 'Delete Renamed' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('heading', { name: 'Renamed', exact: true }).waitFor({ state: 'detached' });
      expect((await fetch(`${kalla.address}/api/recipes/versions`)).status).toBe(404);
    });
  });

  it(
    'renames a recipe while it is being changed, and says only what is true of the changes',
    { timeout: 300_000 },
    async () => {
      await withFiles(['ledger.csv', 'bank.csv'], async (page) => {
        await found(page, '7 of 10 matched, 3 unmatched');
        const name = page.getByLabel('Name', { exact: true });
        const save = page.getByRole('button', { name: 'Save', exact: true });
        await name.fill('First name');
        await save.click();
        await page.waitForURL('/recipes/first-name');
        // What is said of it does not cover what is pressed next.
        const [said, bar] = [page.locator('.k-toast').last(), page.getByRole('group', { name: 'Save and run' })];
        for (const width of [1280, 320]) {
          await page.setViewportSize({ width, height: 800 });
          const [above, below] = [await said.boundingBox(), await bar.boundingBox()];
          expect((above?.y ?? 0) + (above?.height ?? 0), `${width} px`).toBeLessThan(below?.y ?? 0);
        }
        await page.setViewportSize({ width: 1280, height: 900 });

        await page.reload();
        await found(page, '7 of 10 matched, 3 unmatched');
        await page.getByLabel('Description').fill('Changed just now');
        await save.waitFor();
        expect(await page.getByText('Your changes from last time').count()).toBe(0);

        await page.getByRole('button', { name: 'Rename First name' }).click();
        await page.getByRole('dialog').getByLabel('Name').fill('Second name');
        await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
        await page.getByText('version 2', { exact: true }).waitFor();
        await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#rb-name')?.value === 'Second name');
        expect(await page.getByLabel('Description').inputValue()).toBe('Changed just now');
        expect(await page.getByText('from last time').count()).toBe(0);
        await page.locator('h1').press('Control+z');
        expect(await name.inputValue()).toBe('Second name');
        await page.locator('h1').press('Control+Shift+z');
        await save.click();
        await page.getByText('version 3', { exact: true }).waitFor();
        const stored = (await (await fetch(`${kalla.address}/api/recipes/first-name`)).json()) as StoredRecipe;
        expect([stored.name, stored.description]).toEqual(['Second name', 'Changed just now']);

        // What was changed before a reload is from last time indeed.
        await page.getByLabel('Description').fill('Changed before');
        await page.reload();
        await page.getByText('Your changes from last time are still here').waitFor();
      });
    },
  );

  it('keeps what is changed in each of two windows', { timeout: 300_000 }, async () => {
    await withFiles(['ledger.csv', 'bank.csv'], async (page) => {
      await found(page, '7 of 10 matched, 3 unmatched');
      await page.getByLabel('Name', { exact: true }).fill('Windows');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.waitForURL('/recipes/windows');
      await page.getByRole('button', { name: 'Run now' }).waitFor();
      const other = await page.context().newPage();
      await other.goto('/recipes/windows');
      await other.getByLabel('Description').fill('Changed in the other window');

      await page.getByRole('radio', { name: /As often as it fits/ }).check();
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('version 2', { exact: true }).waitFor();
      await other.reload();
      await other.getByText('There are unsaved changes to version 1 from last time.').waitFor();
      await other.getByRole('button', { name: 'Open them' }).click();
      expect(await other.getByLabel('Description').inputValue()).toBe('Changed in the other window');
      await other.getByRole('button', { name: 'Save', exact: true }).click();
      await other.getByText('version 3', { exact: true }).waitFor();

      // What this window saved is nothing of its own any more.
      await page.reload();
      await page.getByText('version 3', { exact: true }).waitFor();
      await found(page, '7 of 10 matched, 3 unmatched');
      expect(await page.getByLabel('Description').inputValue()).toBe('Changed in the other window');
      expect(await page.getByText('from last time').count()).toBe(0);
    });
  });

  it('never loses the focus of who uses the keyboard', { timeout: 300_000 }, async () => {
    const focus = (page: Page) =>
      page.evaluate(() => {
        const one = document.activeElement as HTMLInputElement | null;
        return one === document.body
          ? 'nothing'
          : (one?.ariaLabel ?? one?.labels?.[0]?.textContent ?? one?.textContent);
      });
    /** Presses Enter on a button, which then goes away or can be pressed no more. */
    const press = async (page: Page, name: string | RegExp) => {
      const button = page.getByRole('button', { name, exact: true }).first();
      await button.focus();
      await page.keyboard.press('Enter');
    };
    await withFiles(['ledger.csv', 'bank.csv'], async (page) => {
      await found(page, '7 of 10 matched, 3 unmatched');
      while ((await page.locator('.rb-condition').count()) > 1) await press(page, 'Remove condition 1');
      await press(page, 'Remove condition 1');
      await page.locator('.rb-condition').waitFor({ state: 'detached' });
      expect(await focus(page)).toBe('Column of ledger');
      await press(page, 'Undo');
      await found(page, '7 of 10 matched, 3 unmatched');
      await press(page, 'Redo');
      await page.locator('.rb-condition').waitFor({ state: 'detached' });
      expect(await focus(page)).toBe('Redo');
      // Nothing is left to be done again, and another press does nothing.
      await page.keyboard.press('Enter');
      await page.keyboard.press('Shift+Tab');
      expect(await focus(page)).toBe('Undo');
      await page.keyboard.press('Enter');
      await found(page, '7 of 10 matched, 3 unmatched');

      await page.getByText('The rule as SQL').click();
      await page.getByRole('textbox', { name: 'SQL of the rule' }).press('Space');
      await press(page, 'Go back to the clicks');
      await page.getByText('The SQL was changed by hand').waitFor({ state: 'detached' });
      expect(await focus(page)).not.toBe('nothing');

      await page.getByLabel('Name', { exact: true }).fill('Focus');
      await press(page, 'Save');
      await page.waitForURL('/recipes/focus');
      await page.getByRole('button', { name: 'Run now' }).waitFor();
      await page.getByLabel('Description').fill('Changed');
      await press(page, 'Save');
      await page.getByText('version 2', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Save', exact: true }).waitFor({ state: 'detached' });
      expect(await focus(page)).toBe('Run now');
      await page.getByLabel('Description').fill('Changed again');
      await page.reload();
      await press(page, 'Discard them');
      await page.getByRole('button', { name: 'Discard them' }).waitFor({ state: 'detached' });
      expect(await focus(page)).not.toBe('nothing');

      // Who presses the mouse beside everything has put the focus away, and it stays away.
      await page.getByLabel('Description').fill('Once more');
      await page.getByRole('button', { name: 'Save', exact: true }).focus();
      await page.getByRole('heading', { name: 'Dry run' }).click();
      await page.getByLabel('Description').evaluate((field: HTMLTextAreaElement) => {
        Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')?.set?.call(field, 'Changed');
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      });
      await page.getByRole('button', { name: 'Save', exact: true }).waitFor({ state: 'detached' });
      expect(await focus(page)).not.toBe('Run now');
    });
    await withFiles(['days.csv', 'bank.csv'], async (page) => {
      await press(page, /^The day/);
      await page.getByRole('button', { name: /^The day/ }).waitFor({ state: 'detached' });
      expect(await focus(page)).not.toBe('nothing');
    });
  });

  it(
    'keeps the files when changes are discarded, and says of stored clicks nothing that is not so',
    { timeout: 300_000 },
    async () => {
      const byHand = (page: Page) => page.getByText('The SQL was changed by hand').count();
      await withFiles(['ledger.csv', 'bank.csv'], async (page) => {
        await found(page, '7 of 10 matched, 3 unmatched');
        await page.getByLabel('Name', { exact: true }).fill('Stays');
        await page.getByRole('button', { name: 'Save', exact: true }).click();
        await page.waitForURL('/recipes/stays');
        await found(page, '7 of 10 matched, 3 unmatched');
        await page.getByRole('checkbox', { name: 'capitals' }).first().uncheck();
        await found(page, '0 of 10 matched, 10 unmatched');
        await page.reload();
        await page.getByRole('button', { name: 'Discard them' }).click();
        await found(page, '7 of 10 matched, 3 unmatched');
        expect(await byHand(page)).toBe(0);
        await page.reload();
        await found(page, '7 of 10 matched, 3 unmatched');
      });
      // A colleague has none of the files, so that nobody can tell yet whether the clicks make the SQL.
      await withPage(async (page) => {
        await page.goto('/recipes/stays');
        await page.getByText('No file of ledger is at hand.').waitFor();
        expect(await byHand(page)).toBe(0);
        await page.getByText('The rule as SQL').click();
        const editor = page.getByRole('textbox', { name: 'SQL of the rule' });
        await editor.fill(`${await editor.inputValue()} -- changed`);
        await page.getByText('The SQL was changed by hand').waitFor();
        await page.getByRole('button', { name: 'Undo' }).click();
        for (const [side, name] of [
          ['Left side', 'ledger.csv'],
          ['Right side', 'bank.csv'],
        ] as const)
          await page
            .getByRole('region', { name: new RegExp(side) })
            .locator('input[type=file]')
            .setInputFiles(file(name));
        await found(page, '7 of 10 matched, 3 unmatched');
        expect(await page.locator('.rb-condition').count()).toBeGreaterThan(0);
        expect(await byHand(page)).toBe(0);
      });
    },
  );

  it('begins a copy with the files that the recipe was run with', { timeout: 300_000 }, async () => {
    await withFiles(['ledger.csv', 'bank.csv'], async (page) => {
      await found(page, '7 of 10 matched, 3 unmatched');
      await page.getByLabel('Name', { exact: true }).fill('Copied');
      await page.getByRole('button', { name: 'Save and run' }).click();
      await page.waitForURL(/\/runs\//);
      await page.getByText('Every row of both sides is accounted for.').waitFor();
      await page.goto('/recipes/new?from=copied');
      await found(page, '7 of 10 matched, 3 unmatched');
      await page.getByRole('checkbox', { name: 'capitals' }).first().uncheck();
      await found(page, '0 of 10 matched, 10 unmatched');
      await page.reload();
      await page.getByRole('button', { name: 'Start over' }).click();
      await found(page, '7 of 10 matched, 3 unmatched');
      expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Copy of Copied');
    });
  });
});
