import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Source } from '@kalla/core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../testing/require-part.ts';
import { createBooks, oddTable, secret, type BooksDatabase } from './books-database.ts';
import { startSilentServer } from './silent-server.ts';
import { startKalla, type RunningKalla } from './start-kalla.ts';
import { type Complaints, launchChromium, looks, withPage as withAnyPage } from './with-page.ts';

const root = path.resolve(import.meta.dirname, '../../..');
/** `KALLA_TEST_SCREENSHOTS=folder` keeps pictures of the steps, to be looked at. */
const pictures = process.env.KALLA_TEST_SCREENSHOTS;

/** `expect.poll` gives up after a second, which is too early on a busy machine. */
const patient = { timeout: 90_000 };

describeWith('chromium', 'setting a source up in a browser', (executablePath) => {
  describeWith('postgres', 'with a PostgreSQL server', (postgres) => {
    let kalla: RunningKalla;
    let browser: Browser;
    let books: BooksDatabase;
    let folder: string;

    beforeAll(async () => {
      if (pictures) mkdirSync(pictures, { recursive: true });
      folder = mkdtempSync(path.join(tmpdir(), 'kalla-setup-'));
      const plugins = path.join(folder, 'connectors');
      mkdirSync(plugins);
      const builtin = path.join(root, 'plugins/connectors');
      for (const name of readdirSync(builtin)) symlinkSync(path.join(builtin, name), path.join(plugins, name));
      symlinkSync(path.join(root, 'shell/testing/connectors/cloud'), path.join(plugins, 'cloud'));
      const lines = Array.from({ length: 60 }, (_, index) => `2026-01-31,${index % 7},${index}.50`);
      writeFileSync(path.join(folder, 'bank 2026.csv'), `day,kind,paid\n${[...lines, lines[0]].join('\n')}\n`);
      [kalla, browser, books] = await Promise.all([
        startKalla({ KALLA_SAMPLE: '0', KALLA_PLUGINS_DIR: plugins, KALLA_FILE_ROOTS: folder }),
        launchChromium(executablePath),
        createBooks(postgres),
      ]);
    }, 180_000);
    afterAll(async () => {
      await browser?.close();
      await kalla?.stop();
      await books?.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    afterEach(async () => {
      for (const { alias } of await sources()) await api('DELETE', `/api/sources/${alias}`);
    });

    /** Opens a page that waits as long as a busy machine needs to read a table in a process of its own. */
    const withPage = (options: BrowserContextOptions, body: (page: Page, complaints: Complaints) => Promise<void>) =>
      withAnyPage(browser, kalla.address, options, (page, complaints) => {
        page.setDefaultTimeout(patient.timeout);
        return body(page, complaints);
      });
    async function api(method: string, address: string, body?: unknown): Promise<unknown> {
      const response = await fetch(kalla.address + address, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${address}: ${response.status} ${text}`);
      return text ? JSON.parse(text) : undefined;
    }
    const sources = async () => ((await api('GET', '/api/sources')) as { sources: Source[] }).sources;
    const picture = async (page: Page, name: string) => {
      if (pictures) await page.screenshot({ path: path.join(pictures, `source-${name}.png`), fullPage: true });
    };
    const password = (page: Page) => page.locator('input[type=password]');
    const table = (page: Page, name: string | RegExp) =>
      page.getByRole('listbox', { name: 'Tables' }).getByRole('option', { name }).first();

    /** From the first page to the list of tables, with a connection string. */
    async function connect(page: Page, uri = books.uri) {
      await page.goto('/sources/new');
      await page.getByLabel('Or paste a connection string').fill(uri);
      await page.getByRole('button', { name: 'Fill in the form' }).click();
      await page.getByRole('button', { name: 'Check the connection' }).click();
    }
    async function chooseTable(page: Page, q: string, name: string | RegExp) {
      await page.getByRole('combobox', { name: 'Search the tables' }).fill(q);
      await table(page, name).click();
    }

    it('gives the lines that let Kalla read and nothing else, to be copied', async () => {
      await withPage({ permissions: ['clipboard-read', 'clipboard-write'] }, async (page, complaints) => {
        for (const [kind, connector, line] of [
          [/A database/, 'PostgreSQL', 'GRANT SELECT ON ALL TABLES'],
          [/A data warehouse/, 'BigQuery', 'roles/bigquery.dataViewer'],
          [/A database/, 'Elasticsearch', 'view_index_metadata'],
        ] as const) {
          await page.goto('/sources/new');
          await page.getByRole('radio', { name: kind }).check();
          await page.getByRole('button', { name: `Connect to ${connector}` }).click();
          const command = page.locator('.k-command-box').filter({ hasText: line }).first();
          await command.getByRole('button', { name: 'Copy these lines' }).click();
          await command.getByText('Copied.').waitFor();
          const copied = await page.evaluate(() => navigator.clipboard.readText());
          expect(copied).toBe(await command.locator('pre').textContent());
          expect(copied).toContain(line);
          await picture(page, `grant-${connector}`);
        }
        expect(complaints).toEqual([]);
      });
    });

    it('leads from nothing to a saved source, and keeps the secret to itself', { timeout: 300_000 }, async () => {
      await withPage({}, async (page, complaints) => {
        const addresses: string[] = [];
        page.on('request', (request) => addresses.push(request.url()));
        const html = () => page.evaluate(() => document.documentElement.outerHTML);
        await page.goto('/sources');
        await picture(page, 'none-yet');
        await page.getByRole('link', { name: 'Add a source' }).click();
        await page.getByRole('heading', { name: 'What do you have?' }).waitFor();
        await picture(page, 'choose');
        await page.getByLabel('Or paste a connection string').fill(books.uri);
        await page.getByRole('button', { name: 'Fill in the form' }).click();
        // What was pasted is in the form, the password in its field and nowhere else.
        await expect.poll(() => page.getByLabel('Database', { exact: true }).inputValue(), patient).toBe(books.name);
        expect(await page.getByLabel('Server').inputValue()).toBe(books.host);
        expect(await page.getByLabel('User').inputValue()).toBe(books.user);
        expect(await password(page).inputValue()).toBe(secret);
        expect(await password(page).count()).toBe(1);
        expect(await html()).not.toContain(secret);
        await page.getByRole('button', { name: 'Check the connection' }).click();
        await page.getByText(`Signed in as "${books.user}"`).waitFor();

        await chooseTable(page, 'invoic', /public\.invoices/);
        await page.getByText('2,000 rows, 2,000 different values').waitFor();
        await page.getByText('It is the primary key of the table.').waitFor();
        const rows = page.getByRole('group', { name: 'First rows' });
        await rows.getByText('INV-00001').waitFor();
        for (const words of ['money, 2 decimals', 'date', 'text', 'yes or no'])
          expect(await rows.getByText(words, { exact: true }).count()).toBeGreaterThan(0);
        // A table may change while it is looked at: its rows and its key are read again.
        const [again] = await Promise.all([
          page.waitForRequest((request) => request.url().endsWith('/api/inspect/keys')),
          page.getByRole('button', { name: 'Read the data again' }).click(),
        ]);
        expect(again.postDataJSON()).toMatchObject({ columns: ['invoice_id'] });
        await rows.getByText('INV-00001').waitFor();
        await page.getByText('2,000 rows, 2,000 different values').waitFor();
        await picture(page, 'invoices');

        expect(await page.getByLabel('Name of the source').inputValue()).toBe('invoices');
        await page.getByRole('button', { name: 'Save the source' }).click();
        await page.waitForURL('**/sources');
        await page.getByRole('heading', { name: 'invoices' }).waitFor();
        await picture(page, 'saved');
        expect(await html()).not.toContain(secret);
        expect(await sources()).toMatchObject([
          {
            alias: 'invoices',
            type: 'postgres',
            table: 'public.invoices',
            primary_key: ['invoice_id'],
            secrets_set: ['password'],
          },
        ]);

        // The source that is changed knows that a password is stored, and not which.
        await page.getByRole('link', { name: 'Change invoices' }).click();
        await page.getByText('One is stored. Leave this empty to keep it.').waitFor();
        expect(await password(page).inputValue()).toBe('');
        await page.getByText('2,000 rows, 2,000 different values').waitFor();
        await picture(page, 'change');
        await page.getByLabel('Port').fill('x');
        await page.getByRole('button', { name: 'Save the changes' }).click();
        await page.getByText('Write a number in digits.').waitFor();
        await page.getByLabel('Port').fill(books.port);
        await page.getByText('More settings').click();
        await page.getByLabel('Seconds to wait').fill('7');
        await page.getByRole('button', { name: 'Save the changes' }).click();
        await page.waitForURL('**/sources');
        expect(await sources()).toMatchObject([{ config: { connect_timeout: 7 }, secrets_set: ['password'] }]);
        await page.getByRole('button', { name: 'Check invoices' }).click();
        await page.getByText('A row of').waitFor();
        await page.getByRole('button', { name: 'Show rows of invoices' }).click();
        await page.getByText('INV-00001').waitFor();
        await picture(page, 'rows-in-list');

        expect(addresses.filter((address) => address.includes(secret))).toEqual([]);
        expect(kalla.output()).not.toContain(secret);
        expect(complaints).toEqual([]);
      });
    });

    it('says at the step that failed what the cause is and what to do', { timeout: 300_000 }, async () => {
      await withPage({}, async (page) => {
        const wrong = (change: (url: URL) => void) => {
          const url = new URL(books.uri);
          change(url);
          return url.href;
        };
        const failing: [string, string, RegExp, RegExp][] = [
          [wrong((url) => (url.password = 'wrong')), 'Sign in', /refused the password/, /Check user and password/],
          [wrong((url) => (url.port = '1')), 'Reach', /Nothing answers at/, /Check the port/],
          [wrong((url) => (url.pathname = '/nowhere')), 'Sign in', /no database "nowhere"/, /Check its spelling/],
          [
            wrong((url) => url.searchParams.set('sslmode', 'verify-full')),
            'Reach',
            /does not offer a secure connection/,
            /Switch TLS on/,
          ],
        ];
        for (const [uri, step, cause, action] of failing) {
          await connect(page, uri);
          const item = page.getByRole('listitem').filter({ hasText: `${step} failed` });
          await item.getByText(cause).waitFor();
          expect(await item.innerText()).toMatch(action);
          expect(await page.getByRole('listbox', { name: 'Tables' }).count()).toBe(0);
        }
        await picture(page, 'no-tls');
        // What is missing or not understood is said at its field, which gets the focus.
        await page.goto('/sources/new');
        await page.getByRole('searchbox').fill('postg');
        await page.getByRole('button', { name: 'Connect to PostgreSQL' }).click();
        await page.getByRole('button', { name: 'Check the connection' }).click();
        await page.getByText('Fill in “Server”.').waitFor();
        await expect.poll(() => page.evaluate(() => document.activeElement?.id), patient).toBe('ss-settings-host');
        await page.getByLabel('Server').fill('a b');
        await page.getByLabel('Database', { exact: true }).fill('x');
        await page.getByRole('button', { name: 'Check the connection' }).click();
        await page.getByText('One server name or IP address').first().waitFor();
        expect(await page.getByLabel('Server').getAttribute('aria-invalid')).toBe('true');
        await picture(page, 'field-errors');
        await page.goto('/sources/new');
        await page.getByLabel('Or paste a connection string').fill('postgres://u:p#w@h/db');
        await page.getByRole('button', { name: 'Fill in the form' }).click();
        await page
          .getByRole('alert')
          .getByText(/cannot be read|"#"/)
          .waitFor();
      });
    });

    it('says in plain words what to paste in place of nonsense', { timeout: 300_000 }, async () => {
      await withPage({}, async (page, complaints) => {
        await page.goto('/sources/new');
        const said = async (label: string, button: string, typed: string) => {
          const field = page.getByLabel(label);
          await field.fill(typed);
          await page.getByRole('button', { name: button }).click();
          await expect.poll(() => field.getAttribute('aria-invalid'), patient).toBe('true');
          const ids = (await field.getAttribute('aria-describedby'))?.split(' ') ?? [];
          const words = await page.locator(`[id="${ids[0]}"]`).innerText();
          expect(words).not.toMatch(/\buri\b|hunter2/i);
          return words;
        };
        const paste = (typed: string) => said('Or paste a connection string', 'Fill in the form', typed);
        expect(await paste('the one from Anna, hunter2')).toMatch(
          /^This is no connection string\. .*postgres:\/\/user:password@server:5432\/database/,
        );
        expect(await paste('Server=db;Password=hunter2')).toMatch(/^This is a list of settings\./);
        expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
        await picture(page, 'nonsense');
        await page.getByRole('radio', { name: /A data warehouse/ }).check();
        // What was said of another kind does not stay.
        expect(await page.getByRole('alert').count()).toBe(0);
        expect(await paste('my project')).toContain('bigquery://project/dataset');
        await page.getByRole('radio', { name: /A file/ }).check();
        expect(await said('Address of the file', 'Use this address', 'C:\\Users\\anna\\bank.csv')).toMatch(
          /^This is a path on a computer, .*https:\/\/example\.com\/bank\.csv/,
        );
        expect(complaints).toEqual([]);
      });
    });

    it('lets go of a server that never answers', { timeout: 300_000 }, async () => {
      const silent = await startSilentServer();
      try {
        await withPage({}, async (page) => {
          await connect(page, `postgres://ada:x@127.0.0.1:${silent.port}/books?connect_timeout=60`);
          await page.getByText('in progress').waitFor();
          await expect.poll(() => silent.open(), patient).toBeGreaterThan(0);
          await picture(page, 'waiting');
          await page.getByRole('button', { name: 'Stop' }).click();
          await page.getByText('The check was stopped.').waitFor();
          await expect.poll(() => silent.open(), patient).toBe(0);
          await page.getByRole('button', { name: 'Check again' }).click();
          await expect.poll(() => silent.open(), patient).toBeGreaterThan(0);
          // Leaving the page ends it too.
          await page.getByRole('link', { name: 'Recipes' }).click();
          await expect.poll(() => silent.open(), patient).toBe(0);
        });
      } finally {
        await silent.stop();
      }
    });

    it(
      'finds one of 5,000 tables, page by page and by its name, whatever it is called',
      { timeout: 300_000 },
      async () => {
        await withPage({}, async (page, complaints) => {
          await connect(page);
          const options = page.getByRole('listbox', { name: 'Tables' }).getByRole('option');
          await page.getByText('100 shown, there are more').waitFor();
          expect(await options.count()).toBe(100);
          await page.getByRole('button', { name: 'Show more tables' }).click();
          await page.getByText('200 shown, there are more').waitFor();
          await page.getByRole('combobox', { name: 'Search the tables' }).fill('t_4999');
          await page.getByText('1 shown').waitFor();
          await page.getByRole('combobox', { name: 'Search the tables' }).fill('no such table');
          await page.getByText('No table has “no such table” in its name.').waitFor();

          await chooseTable(page, 'DROP TABLE', /DROP TABLE/);
          await page.getByText('50 rows, 50 different values').waitFor();
          await page.getByText('<script>alert(1)</script>').first().waitFor();
          await page.getByText('b␊c').first().waitFor();
          await picture(page, 'odd-names');
          await page.getByLabel('Name of the source').fill('odd');
          await page.getByRole('button', { name: 'Save the source' }).click();
          await page.waitForURL('**/sources');
          const [saved] = await sources();
          expect(saved).toMatchObject({ alias: 'odd', primary_key: ['a "q"'] });
          expect(saved?.table).toContain(oddTable.replaceAll('"', '""'));
          await page.getByRole('button', { name: 'Show rows of odd' }).click();
          await page.getByText('<script>alert(1)</script>').first().waitFor();
          expect(complaints).toEqual([]);
        });
      },
    );

    it(
      'proves a key, finds one of two columns, and shows what is in the way of another',
      { timeout: 300_000 },
      async () => {
        await withPage({}, async (page, complaints) => {
          await connect(page);
          await chooseTable(page, 'payments', /public\.payments/);
          await page.getByText('1,500 rows, 1,500 different values').waitFor();
          expect((await page.getByRole('list', { name: 'Key' }).innerText()).match(/batch|line/g)?.sort()).toEqual([
            'batch',
            'line',
          ]);
          // One of the two is not enough, and the rows say why.
          await page.getByRole('button', { name: 'Take line out of the key' }).click();
          await page.getByText('1,500 rows, 150 different values').waitFor();
          await page.getByText('1,500 rows share their value with another row.').waitFor();
          expect(await page.getByRole('row', { name: '0 10' }).count()).toBe(1);
          await page.getByRole('combobox', { name: 'Add a column' }).fill('lin');
          await page.keyboard.press('Enter');
          await page.getByText('1,500 rows, 1,500 different values').waitFor();

          await chooseTable(page, 'dupes', /public\.dupes/);
          await page.getByText('300 rows, 297 different values').waitFor();
          await page.getByText('1 row has no value in it. It can never match.').waitFor();
          expect(await page.getByRole('row', { name: 'A-1 3' }).count()).toBe(1);
          await picture(page, 'no-key');
          expect(complaints).toEqual([]);
        });
      },
    );

    it('is done by the keyboard alone', { timeout: 300_000 }, async () => {
      await withPage({}, async (page, complaints) => {
        /** Presses Tab until the control of this name has the focus. */
        const tabTo = async (name: string | RegExp) => {
          for (let press = 0; press < 80; press++) {
            const found = await page.evaluate(() => {
              const element = document.activeElement as HTMLInputElement | null;
              return (
                element?.getAttribute('aria-label') ??
                (element?.labels?.length ? element.labels[0]?.innerText : element?.innerText) ??
                ''
              );
            });
            if (typeof name === 'string' ? found.trim().startsWith(name) : name.test(found)) return;
            await page.keyboard.press('Tab');
          }
          throw new Error(`Tab does not come to ${String(name)}.`);
        };
        await page.goto('/sources');
        await page.getByRole('heading', { name: 'No source yet' }).waitFor();
        await tabTo('Add a source');
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: 'What do you have?' }).waitFor();
        await tabTo('A database');
        await page.keyboard.press('ArrowDown');
        await page.getByText('On this computer', { exact: true }).waitFor();
        await page.keyboard.press('ArrowUp');
        await tabTo('Connect to PostgreSQL');
        await page.keyboard.press('Enter');
        await tabTo('Server');
        await page.keyboard.type(books.host);
        await tabTo('Port');
        await page.keyboard.press('Control+A');
        await page.keyboard.type(books.port);
        await tabTo('Database');
        await page.keyboard.type(books.name);
        await tabTo('User');
        await page.keyboard.type(books.user);
        await tabTo('Password');
        await page.keyboard.type(secret);
        await page.keyboard.press('Enter');
        await page.getByRole('listbox', { name: 'Tables' }).waitFor();
        await tabTo('Search the tables');
        await page.keyboard.type('public.');
        await page.getByText('4 shown').waitFor();
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Enter');
        await page.getByText('1,500 rows, 1,500 different values').waitFor();
        await tabTo('Name of the source');
        await page.keyboard.press('Control+A');
        await page.keyboard.type('by_keyboard');
        await page.keyboard.press('Enter');
        await page.waitForURL('**/sources');
        expect(await sources()).toMatchObject([{ alias: 'by_keyboard', table: 'public.payments' }]);

        await tabTo('Remove by_keyboard');
        await page.keyboard.press('Enter');
        await page.getByRole('dialog').waitFor();
        await tabTo(/^Remove$/);
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: 'No source yet' }).waitFor();
        expect(await sources()).toEqual([]);
        expect(complaints).toEqual([]);
      });
    });

    it(
      'draws variants of settings, and takes away the secret of the one that is left',
      { timeout: 300_000 },
      async () => {
        await withPage({}, async (page, complaints) => {
          await page.goto('/sources/new');
          await page.getByRole('radio', { name: /A data warehouse/ }).check();
          await page.getByRole('button', { name: 'Connect to Cloud ledger' }).click();
          await page.getByLabel('Project').fill('Wrong Name');
          await page.getByLabel('User').fill('ada');
          await password(page).fill('open sesame');
          await page.getByRole('button', { name: 'Check the connection' }).click();
          await page.getByText('A project has lower-case letters and hyphens only.').first().waitFor();
          await page.getByLabel('Project').fill('books');
          await page.getByRole('button', { name: 'Check' }).click();
          await page.getByText('Signed in by password.').waitFor();
          await page.getByText('10 rows, 10 different values').waitFor();
          await picture(page, 'variants');
          await page.getByRole('button', { name: 'Save the source' }).click();
          await page.waitForURL('**/sources');
          expect(await sources()).toMatchObject([
            { alias: 'entries', type: 'cloud', secrets_set: ['auth.password'], config: { auth: { user: 'ada' } } },
          ]);

          await page.getByRole('link', { name: 'Change entries' }).click();
          await page.getByText('Signed in by password.').waitFor();
          await page.getByRole('radio', { name: 'With a key file' }).check();
          await page.getByLabel('Key', { exact: true }).fill('{"key":"value"}');
          await page.getByRole('button', { name: 'Check again' }).click();
          await page.getByText('Signed in by key.').waitFor();
          await page.getByText('10 rows, 10 different values').waitFor();
          await page.getByRole('button', { name: 'Save the changes' }).click();
          await page.waitForURL('**/sources');
          expect(await sources()).toMatchObject([{ secrets_set: ['auth.key'], config: { auth: { kind: 'key' } } }]);
          expect(complaints.filter((one) => !one.includes('422'))).toEqual([]);
        });
      },
    );

    it('reads a file in an allowed folder, and refuses one outside of it', { timeout: 300_000 }, async () => {
      await withPage({}, async (page) => {
        await page.goto('/sources/new');
        await page.getByRole('radio', { name: /A file/ }).check();
        await page.getByLabel('Address of the file').fill('file:///etc/passwd.csv');
        await page.getByRole('button', { name: 'Use this address' }).click();
        await page.getByRole('button', { name: 'Check the connection' }).click();
        await page.getByText('outside of the folders that this worker may read').waitFor();

        await page.getByRole('textbox', { name: 'File' }).fill(`file://${folder}/bank%202026.csv`);
        await page.getByRole('button', { name: 'Check again' }).click();
        await page.getByText('The file has no column that tells its rows apart').waitFor();
        await page.getByText('61 rows, 61 different values').waitFor();
        expect(await page.getByLabel('Name of the source').inputValue()).toBe('bank_2026');
        await picture(page, 'file');
        await page.getByRole('button', { name: 'Save the source' }).click();
        await page.waitForURL('**/sources');
        expect(await sources()).toMatchObject([{ alias: 'bank_2026', type: 'csv', primary_key: ['_row'] }]);
      });
    });

    it('shows the first columns of a wide table, and others on demand', { timeout: 300_000 }, async () => {
      await withPage({}, async (page, complaints) => {
        const asked: { columns?: string[]; max_columns?: number }[] = [];
        page.on('request', (request) => {
          if (request.url().endsWith('/api/inspect/preview')) asked.push(request.postDataJSON() as (typeof asked)[0]);
        });
        await connect(page);
        await chooseTable(page, 'wide', /many\.wide/);
        await page.getByText('1,000 columns', { exact: true }).waitFor();
        const said = page.getByRole('status').filter({ hasText: 'columns.' });
        await expect.poll(() => said.textContent(), patient).toBe('Showing the first 100 of 1,000 columns.');
        const rows = page.getByRole('group', { name: 'First rows' });
        const cell = (text: string) => rows.getByRole('cell', { name: text, exact: true });
        await cell('200').waitFor();
        const read = page.getByRole('button', { name: 'Read the columns in view' });
        expect(await read.getAttribute('aria-disabled')).toBe('true');
        await read.click({ force: true });
        expect(asked).toMatchObject([{ max_columns: 100 }]);

        // Columns further on have a name and a type. By the keyboard: to the last column, to the button, and read.
        await rows.focus();
        await page.keyboard.press('End');
        await rows.getByText('c999', { exact: true }).waitFor();
        await cell('unread').first().waitFor();
        await picture(page, 'wide-unread');
        await read.focus();
        await page.keyboard.press('Enter');
        await cell('99900').waitFor();
        // What was seen is still in its place, and the button keeps the focus.
        await expect.poll(() => read.getAttribute('aria-disabled'), patient).toBe('true');
        expect(await read.evaluate((button) => button === document.activeElement)).toBe(true);
        const right = (element: Element) => Math.round(element.getBoundingClientRect().right);
        const edge = await rows.evaluate(right);
        expect(await rows.getByRole('columnheader', { name: 'c999' }).evaluate(right)).toBeLessThanOrEqual(edge);
        await picture(page, 'wide-read');

        // One that is found by its name.
        await page.getByRole('searchbox', { name: 'Find a column' }).fill('c500');
        await cell('unread').first().waitFor();
        await read.click();
        await cell('50000').waitFor();
        expect(asked.at(-1)?.columns).toEqual(['c500']);
        expect(await said.textContent()).toBe('Showing 1 of 1,000 columns.');
        for (const width of [1280, 320]) {
          await page.setViewportSize({ width, height: 900 });
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations.map(({ id, nodes }) => `${width} ${id}: ${nodes[0]?.html}`)).toEqual([]);
          const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(over).toBeLessThanOrEqual(0);
        }
        await page.setViewportSize({ width: 1280, height: 900 });

        // A column that is gone meanwhile is named, and the rows that were there stay. Read again, the table is as it is now.
        await books.change('ALTER TABLE many.wide DROP COLUMN c700');
        await page.getByRole('searchbox', { name: 'Find a column' }).fill('c70');
        await read.click();
        await page.getByText('These columns could not be read').waitFor();
        await page
          .getByText(/"c700"/)
          .first()
          .waitFor();
        expect(await said.textContent()).toBe('Showing 1 of 1,000 columns.');
        await picture(page, 'wide-changed');
        await page.getByRole('button', { name: 'Read the data again' }).click();
        await page.getByText('999 columns', { exact: true }).waitFor();
        expect(await page.getByText('These columns could not be read').count()).toBe(0);
        expect(await said.textContent()).toBe('Showing the first 100 of 999 columns.');

        // All columns can be taken into the key, read or not.
        await page.getByRole('combobox', { name: 'Add a column' }).fill('c998');
        await page.getByRole('option', { name: 'c998' }).click();
        await page.getByRole('list', { name: 'Key' }).getByText('c998', { exact: true }).waitFor();
        expect(complaints.filter((line) => !/status of 4\d\d/.test(line))).toEqual([]);
      });
    });

    it('takes a file of the reader to the recipe builder', { timeout: 300_000 }, async () => {
      await withPage({}, async (page) => {
        await page.goto('/sources/new');
        await page.getByRole('radio', { name: /A file/ }).check();
        await page.getByLabel(/A file for a new recipe/).setInputFiles(path.join(folder, 'bank 2026.csv'));
        await page.waitForURL('**/recipes/new');
        await page.getByText('bank 2026.csv').first().waitFor();
        const uploaded = async () =>
          ((await api('GET', '/api/uploads')) as { uploads: { filename: string }[] }).uploads.map(
            (one) => one.filename,
          );
        await expect.poll(uploaded, patient).toContain('bank 2026.csv');
      });
    });

    it('does not remove a source that a recipe uses, and says which', { timeout: 300_000 }, async () => {
      await api('POST', '/api/sources', {
        alias: 'ledger',
        type: 'postgres',
        uri: `${books.uri}?table=public.invoices`,
        primary_key: ['invoice_id'],
      });
      await api('POST', '/api/recipes', {
        recipe_id: 'uses-ledger',
        name: 'Uses the ledger',
        description: '',
        sources: {
          left: { alias: 'ledger' },
          right: { alias: 'bank', type: 'file', schema: ['ref'], primary_key: ['ref'] },
        },
        match_sql: 'SELECT l.invoice_id, b.ref FROM ledger l JOIN bank b ON l.invoice_id = b.ref',
        match_description: 'By reference.',
      });
      try {
        await withPage({}, async (page) => {
          await page.goto('/sources');
          await page.getByRole('button', { name: 'Remove ledger' }).click();
          await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
          await page.getByText('is used by the recipe "uses-ledger"').waitFor();
          await picture(page, 'in-use');
          expect(await sources()).toHaveLength(1);
        });
      } finally {
        await api('DELETE', '/api/recipes/uses-ledger');
      }
    });

    for (const { colorScheme, width } of looks) {
      it(`is accessible and fits, ${colorScheme}, ${width} px`, { timeout: 400_000 }, async () => {
        const viewport = { width, height: 900 };
        await withPage({ colorScheme, viewport }, async (page, complaints) => {
          const look = async (state: string) => {
            const { violations } = await new AxeBuilder({ page }).analyze();
            const found = violations.map(({ id, nodes }) => `${state} ${id}: ${nodes[0]?.html}`);
            expect(found).toEqual([]);
            const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
            expect(over, `${state} is wider than the window`).toBeLessThanOrEqual(0);
            await picture(page, `${colorScheme}-${width}-${state}`);
          };
          await page.goto('/sources/new');
          await page.getByRole('heading', { name: 'What do you have?' }).waitFor();
          await look('choose');
          await page.getByRole('radio', { name: /A file/ }).check();
          await look('file');
          await page.getByRole('radio', { name: /A data warehouse/ }).check();
          await page.getByRole('button', { name: 'Connect to Cloud ledger' }).click();
          await page.getByText('More settings').click();
          await look('variants');
          await connect(page, books.uri.replace(secret, 'wrong'));
          await page.getByText('refused the password').waitFor();
          await page.getByText('More settings').click();
          await look('failed');
          await password(page).fill(secret);
          await page.getByRole('button', { name: 'Check again' }).click();
          await chooseTable(page, 'DROP TABLE', /DROP TABLE/);
          await page.getByText('50 rows, 50 different values').waitFor();
          await look('odd');
          await chooseTable(page, 'dupes', /public\.dupes/);
          await page.getByText('300 rows, 297 different values').waitFor();
          await look('dupes');
          await page.getByRole('button', { name: 'Save the source' }).click();
          await page.waitForURL('**/sources');
          await page.getByRole('button', { name: 'Check dupes' }).click();
          await page.getByText('A row of').waitFor();
          await look('list');
          await page.getByRole('link', { name: 'Change dupes' }).click();
          await page.getByText('300 rows, 297 different values').waitFor();
          await look('change');
          expect(complaints).toEqual([]);
        });
      });
    }
  });
});
