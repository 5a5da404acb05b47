import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../testing/require-part.ts';
import { withPostgres } from '../../../testing/with-postgres.ts';
import { createPostgresDatabase } from '../../testing/databases.ts';
import { createBooks, secret, type BooksDatabase } from './books-database.ts';
import { startKalla, type RunningKalla } from './start-kalla.ts';
import { type Complaints, launchChromium, looks, withPage as withAnyPage } from './with-page.ts';

/** `KALLA_TEST_SCREENSHOTS=folder` keeps pictures of the steps, to be looked at. */
const pictures = process.env.KALLA_TEST_SCREENSHOTS;
const patient = 90_000;

describeWith('chromium', 'handing a source over in a browser', (executablePath) => {
  describeWith('postgres', 'with a PostgreSQL server', (postgres) => {
    let kalla: RunningKalla;
    let browser: Browser;
    let books: BooksDatabase;
    /** Kalla's own database: the time that a link has left is in it. */
    let own: Awaited<ReturnType<typeof createPostgresDatabase>>;
    beforeAll(async () => {
      if (pictures) mkdirSync(pictures, { recursive: true });
      own = await createPostgresDatabase(postgres);
      [kalla, browser, books] = await Promise.all([
        // The log tells all there is to tell, so that a secret in it would be found.
        startKalla({ KALLA_SAMPLE: '0', KALLA_LOG_LEVEL: 'trace', LOG_LEVEL: 'trace', DATABASE_URL: own.url }),
        launchChromium(executablePath),
        createBooks(postgres),
      ]);
    }, 180_000);
    afterAll(async () => {
      await browser?.close();
      await kalla?.stop();
      await books?.stop();
      await own?.drop();
    });
    afterEach(async () => {
      const { sources } = (await api('GET', '/api/sources')) as { sources: { alias: string }[] };
      for (const { alias } of sources) await api('DELETE', `/api/sources/${alias}`);
    });

    const withPage = (options: BrowserContextOptions, body: (page: Page, complaints: Complaints) => Promise<void>) =>
      withAnyPage(browser, kalla.address, options, (page, complaints) => {
        page.setDefaultTimeout(patient);
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
    const picture = async (page: Page, name: string) => {
      if (pictures) await page.screenshot({ path: path.join(pictures, `handover-${name}.png`), fullPage: true });
    };
    /** A source that leads nowhere, and its link. */
    async function handedOver(alias: string): Promise<string> {
      const config = { host: '127.0.0.1', port: 9, database: 'books', user: 'nobody' };
      await api('POST', '/api/sources', { alias, type: 'postgres', config });
      return ((await api('POST', `/api/sources/${alias}/handover`, {})) as { url: string }).url;
    }
    async function fillIn(page: Page) {
      await page.getByLabel('Server').fill(books.host);
      await page.getByLabel('Port').fill(books.port);
      await page.getByLabel('Database', { exact: true }).fill(books.name);
      await page.getByLabel('User').fill(books.user);
      await page.locator('input[type=password]').first().fill(secret);
    }

    it('goes from who asks to who knows and back, and the secret stays there', { timeout: 400_000 }, async () => {
      await withPage({}, async (asker, complaints) => {
        await asker.goto('/sources/new');
        await asker.getByText('PostgreSQL', { exact: false }).first().click();
        await asker.getByRole('button', { name: 'Hand this step over' }).press('Enter');
        const name = asker.getByLabel('What shall the source be called?');
        await name.fill('Not so');
        await name.press('Enter');
        await asker.getByText('Begin with a letter', { exact: false }).waitFor();
        await name.fill('receivables');
        await name.press('Enter');
        const link = await asker.getByLabel('The link', { exact: true }).inputValue();
        expect(link.startsWith(`${kalla.address}/handover#`)).toBe(true);
        await asker.getByText('expires on', { exact: false }).waitFor();
        await picture(asker, 'link');

        const addresses: string[] = [];
        await withPage({}, async (colleague, alsoComplaints) => {
          colleague.on('request', (request) => addresses.push(request.url(), request.headers().referer ?? ''));
          const answer = await colleague.goto(link);
          const headers = answer!.headers();
          expect(headers).toMatchObject({
            'cache-control': 'no-store',
            'referrer-policy': 'no-referrer',
            'x-robots-tag': 'noindex, nofollow',
          });
          await colleague.getByRole('heading', { name: 'Connection to PostgreSQL' }).waitFor();
          // There is no way from here to anything else.
          expect(await colleague.getByRole('navigation').count()).toBe(0);
          expect(await colleague.locator('a[href^="/"]').count()).toBe(0);
          expect(await colleague.getByText('Hand this step over').count()).toBe(0);
          await picture(colleague, 'opened');
          await fillIn(colleague);
          await colleague.getByRole('button', { name: 'Check the connection' }).click();
          await colleague.getByText(`Signed in as "${books.user}"`).waitFor();
          await picture(colleague, 'checked');
          await colleague.getByRole('button', { name: 'Save and finish' }).click();
          await colleague.getByRole('heading', { name: 'Thank you, it is saved' }).waitFor();
          await picture(colleague, 'saved');
          expect(await colleague.content()).not.toContain(secret);
          await colleague.reload();
          await colleague.getByText('This link has been used', { exact: false }).waitFor();
          await picture(colleague, 'used');
          expect(alsoComplaints.filter((line) => !line.includes('409'))).toEqual([]);
        });
        const token = new URL(link).hash.slice(1);
        const half = token.split('.')[1]!;
        expect(addresses.some((address) => address.includes('/api/handover'))).toBe(true);
        expect(addresses.filter((address) => address.includes(half) && !address.startsWith(link))).toEqual([]);

        await asker.getByText('The connection of receivables is filled in.').first().waitFor();
        await picture(asker, 'told');
        await asker.getByRole('button', { name: 'Go on with the table' }).click();
        await asker.getByText('One is stored. Leave this empty to keep it.').waitFor();
        await asker.getByText('The connection was filled in through the link', { exact: false }).waitFor();
        await asker.getByRole('listbox', { name: 'Tables' }).waitFor();
        expect(await asker.content()).not.toContain(secret);
        await picture(asker, 'goes-on');
        expect(complaints).toEqual([]);
        const source = await api('GET', '/api/sources/receivables');
        expect(source).toMatchObject({ secrets_set: ['password'], config: { user: books.user } });
        expect(JSON.stringify(source)).not.toContain(secret);
        for (const words of [secret, half]) expect(kalla.output()).not.toContain(words);
      });
    });

    it('says in words what a link does not open, and refuses the second of two', { timeout: 300_000 }, async () => {
      const link = await handedOver('ledger');
      await withPage({}, (first) =>
        withPage({}, async (second) => {
          for (const page of [first, second]) {
            await page.goto(link);
            await fillIn(page);
          }
          await first.getByRole('button', { name: 'Save and finish' }).click();
          await first.getByRole('heading', { name: 'Thank you, it is saved' }).waitFor();
          await second.getByRole('button', { name: 'Save and finish' }).click();
          await second.getByText('it works once. Nothing was changed now', { exact: false }).waitFor();
          await picture(second, 'second-of-two');

          await second.goto('/handover');
          await second.getByText('what stands after its # is missing', { exact: false }).waitFor();
          await second.goto(`${link}x`);
          await second.getByText('it was never made here', { exact: false }).waitFor();
          const { url } = (await api('POST', '/api/sources/ledger/handover', {})) as { url: string };
          // The asker takes it back on the source's page.
          await first.goto('/sources/ledger');
          await first.getByText('A link is on its way', { exact: false }).waitFor();
          await first.getByRole('button', { name: 'Take the link back' }).click();
          await first.getByText('The link is taken back', { exact: false }).first().waitFor();
          await second.goto(url);
          await second.getByText('was taken back by who made it', { exact: false }).waitFor();
          await picture(second, 'taken-back');
        }),
      );
    });

    it('says that a link has expired, saves nothing with it, and offers a new one', { timeout: 300_000 }, async () => {
      const link = await handedOver('ledger');
      const before = await api('GET', '/api/sources/ledger');
      const expired = 'This link has expired. Ask who sent it to you for a new one.';
      await withPage({}, (asker) =>
        withPage({}, async (colleague) => {
          await colleague.goto(link);
          await fillIn(colleague);
          // A day goes by while the form is open: the shortest time that can be set is an hour.
          const changed = await withPostgres(own.url, (client) =>
            client.query(`UPDATE handovers SET expires_at = now() - interval '1 minute' WHERE handover_id = $1`, [
              new URL(link).hash.slice(1).split('.')[0],
            ]),
          );
          expect(changed.rowCount).toBe(1);
          await colleague.getByRole('button', { name: 'Check the connection' }).click();
          await colleague
            .getByRole('alert')
            .filter({ hasText: 'The check could not be made' })
            .getByText(expired)
            .waitFor();
          await colleague.getByRole('button', { name: 'Save and finish' }).click();
          await colleague.getByRole('alert').filter({ hasText: 'It is not saved' }).getByText(expired).waitFor();
          // What was typed stays, to be copied where it is needed; it went nowhere.
          expect(await colleague.getByLabel('Server').inputValue()).toBe(books.host);
          await picture(colleague, 'expired-open');
          expect(await api('GET', '/api/sources/ledger')).toEqual(before);
          await colleague.reload();
          const closed = colleague.getByRole('alert').filter({ hasText: 'This link opens nothing' });
          await closed.getByText(expired).waitFor();
          expect(await colleague.getByRole('textbox').count()).toBe(0);
          expect((await new AxeBuilder({ page: colleague }).analyze()).violations).toEqual([]);
          await picture(colleague, 'expired');

          await asker.goto('/sources/ledger');
          await asker.getByText(/^The link expired on .*, and nobody had filled it in\.$/).waitFor();
          await picture(asker, 'expired-asker');
          await asker.getByRole('button', { name: 'Make a new link' }).click();
          const again = await asker.getByLabel('The link', { exact: true }).inputValue();
          expect(again).not.toBe(link);
          await colleague.goto(again);
          await fillIn(colleague);
          await colleague.getByRole('button', { name: 'Save and finish' }).click();
          await colleague.getByRole('heading', { name: 'Thank you, it is saved' }).waitFor();
          await colleague.goto('/sources');
          await colleague.goto(link);
          await colleague.getByText(expired).waitFor();
        }),
      );
      expect(await api('GET', '/api/sources/ledger')).toMatchObject({ secrets_set: ['password'] });
    });

    for (const { colorScheme, width } of looks) {
      it(`is whole in the ${colorScheme} theme at ${width} pixels`, { timeout: 300_000 }, async () => {
        const link = await handedOver('ledger');
        await withPage({ colorScheme, viewport: { width, height: 900 } }, async (page, complaints) => {
          const look = async (state: string) => {
            const { violations } = await new AxeBuilder({ page }).analyze();
            expect(violations.map(({ id, nodes }) => `${state} ${id}: ${nodes[0]?.html}`)).toEqual([]);
            const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
            expect(over, `${state} is wider than the window`).toBeLessThanOrEqual(0);
            await picture(page, `${colorScheme}-${width}-${state}`);
          };
          await page.goto(link);
          await page.getByRole('button', { name: 'Save and finish' }).waitFor();
          await look('form');
          await page.goto('/sources/ledger');
          await page.getByRole('button', { name: 'Make a new link' }).click();
          await page.getByLabel('The link', { exact: true }).waitFor();
          await look('link');
          expect(complaints).toEqual([]);
        });
      });
    }
  });
});
