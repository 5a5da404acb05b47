import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../testing/require-part.ts';
import { fixtureConnector } from '../../testing/registry/fixture-connector.ts';
import { registryUser, type TestRegistryUser } from '../../testing/registry/test-registry.ts';
import { startKalla, type RunningKalla } from './start-kalla.ts';
import { type Complaints, launchChromium, looks, withPage as withAnyPage } from './with-page.ts';

/** `KALLA_TEST_SCREENSHOTS=folder` keeps pictures of the steps, to be looked at. */
const pictures = process.env.KALLA_TEST_SCREENSHOTS;
/** npm takes seconds for each step on a busy machine. */
const patient = { timeout: 90_000 };
const NAME = '@mill/kalla-connector-mill';

describeWith('chromium', 'connectors in a browser', (executablePath) => {
  describeWith('verdaccio', 'from a registry', (registryUrl) => {
    let kalla: RunningKalla;
    let browser: Browser;
    let registry: TestRegistryUser;
    let folder: string;
    beforeAll(async () => {
      if (pictures) mkdirSync(pictures, { recursive: true });
      folder = mkdtempSync(path.join(tmpdir(), 'kalla-connectors-'));
      registry = await registryUser(registryUrl);
      for (const version of ['1.2.0', '2.0.0'])
        await registry.publish(fixtureConnector({ name: NAME, id: 'mill', version }));
      await registry.publish(fixtureConnector({ name: 'kalla-connector-endless', id: 'endless', entry: 'for (;;);' }));
      [kalla, browser] = await Promise.all([
        startKalla({ KALLA_SAMPLE: '0', KALLA_NPM_REGISTRY: registryUrl, KALLA_DATA_DIR: path.join(folder, 'data') }),
        launchChromium(executablePath),
      ]);
    }, 180_000);
    afterAll(async () => {
      await browser?.close();
      await kalla?.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    });

    const withPage = (options: BrowserContextOptions, body: (page: Page, complaints: Complaints) => Promise<void>) =>
      withAnyPage(browser, kalla.address, options, (page, complaints) => {
        page.setDefaultTimeout(patient.timeout);
        return body(page, complaints);
      });
    const picture = async (page: Page, name: string) => {
      if (pictures) await page.screenshot({ path: path.join(pictures, `connectors-${name}.png`), fullPage: true });
    };
    const card = (page: Page, name: string) =>
      page.getByRole('region', { name: 'Connectors that are here' }).getByRole('listitem').filter({ hasText: name });
    const lockText = () => {
      const file = path.join(folder, 'data', 'connectors.lock.json');
      return existsSync(file) ? readFileSync(file, 'utf8') : null;
    };
    async function install(page: Page, name: string, version: string) {
      await page.getByLabel('Package', { exact: true }).fill(name);
      await page.getByLabel('Version', { exact: true }).fill(version);
      await page.getByRole('button', { name: 'Install', exact: true }).click();
    }
    const api = (method: string, address: string, body?: unknown) =>
      fetch(kalla.address + address, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });

    it(
      'leads from the search to a connector that is in use, changed, taken back and removed',
      { timeout: 300_000 },
      async () => {
        await withPage({}, async (page, complaints) => {
          await page.goto('/');
          await page.getByRole('navigation').getByRole('link', { name: 'Connectors' }).click();
          await page.getByRole('heading', { name: 'Installing is for administrators' }).waitFor();
          await card(page, '@kalla/connector-postgres').getByText('Comes with Kalla').waitFor();
          expect(await card(page, '@kalla/connector-postgres').getByRole('button').count()).toBe(0);
          await picture(page, 'at-first');

          await page.getByLabel('Words to look for').fill('mill');
          await page.getByRole('button', { name: 'Search' }).click();
          await page.getByRole('button', { name: `Install ${NAME} 2.0.0` }).waitFor();
          await picture(page, 'found');

          await install(page, NAME, '1.2.0');
          await page.getByText(`Installing ${NAME} 1.2.0`).waitFor();
          await picture(page, 'going-on');
          await page.getByText(`${NAME} 1.2.0 is installed.`).waitFor();
          await card(page, NAME).getByText('version 1.2.0').waitFor();
          await picture(page, 'installed');

          await page.getByRole('button', { name: `Change ${NAME} to version 2.0.0` }).click();
          await page.getByText(`${NAME} 2.0.0 is installed.`).waitFor();
          await card(page, NAME).getByText('Version 1.2.0 is kept, to go back to.').waitFor();
          await page.getByRole('button', { name: `Go back to version 1.2.0 of ${NAME}` }).click();
          await card(page, NAME).getByText('version 1.2.0', { exact: true }).waitFor();
          await card(page, NAME).getByText('Version 2.0.0 is kept, to go back to.').waitFor();

          const source = { alias: 'mill_ledger', type: 'mill', uri: 'mill://north?table=entries', primary_key: ['id'] };
          expect((await api('POST', '/api/sources', source)).status).toBe(201);
          await page.getByRole('button', { name: `Remove ${NAME}` }).click();
          await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
          await page
            .getByRole('dialog')
            .getByText(`${NAME} is used by the source "mill_ledger". Remove or change it first.`)
            .waitFor();
          await picture(page, 'in-use');
          await page.getByRole('button', { name: 'Close' }).click();
          expect((await api('DELETE', '/api/sources/mill_ledger')).status).toBe(204);
          await page.getByRole('button', { name: `Remove ${NAME}` }).click();
          await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
          await expect.poll(() => card(page, NAME).count(), patient).toBe(0);
          expect(JSON.parse(lockText() ?? '')).toEqual({ connectors: [] });
          // Of the refusal: a browser writes each answer that is an error to its console.
          expect(complaints.filter((one) => !one.includes('409'))).toEqual([]);
        });
      },
    );

    it('installs a packed file, runs no script of it, and says so', { timeout: 120_000 }, async () => {
      const proof = path.join(folder, 'script-ran');
      const packed = fixtureConnector({
        name: 'kalla-connector-scripted',
        id: 'scripted',
        manifest: { scripts: { preinstall: `touch ${proof}`, postinstall: `touch ${proof}` } },
      });
      const file = path.join(folder, 'kalla-connector-scripted-1.2.0.tgz');
      writeFileSync(file, packed.tarball);
      await withPage({}, async (page, complaints) => {
        await page.goto('/settings/connectors');
        await page.getByLabel('From a packed file: choose a file').setInputFiles(file);
        await page.getByText('kalla-connector-scripted 1.2.0 is installed.').waitFor();
        await page
          .getByText('It has scripts for its installation (preinstall, postinstall), which were not run.')
          .waitFor();
        await picture(page, 'from-file');
        expect(existsSync(proof)).toBe(false);
        expect(complaints).toEqual([]);
      });
      expect((await api('DELETE', '/api/connectors/kalla-connector-scripted')).status).toBe(204);
    });

    it('says on the page why something is not installed, and changes nothing', { timeout: 240_000 }, async () => {
      const lock = lockText();
      await withPage({}, async (page) => {
        await page.goto('/settings/connectors');
        const refusals: [string, string, RegExp][] = [
          ['../x', '1.0.0', /"\.\.\/x" is not the name of an npm package/],
          ['--flag', '1.0.0', /"--flag" is not the name of an npm package/],
          ['Upper', '1.0.0', /names are written in lower case/],
          ['x'.repeat(300), '1.0.0', /has 300 characters/],
          ['git+https://h/x.git', '1.0.0', /is an address/],
          [NAME, '^1.0.0', /Give one exact version/],
          [NAME, '3.0.0', /but not in version 3\.0\.0\. Its newest: 2\.0\.0, 1\.2\.0\./],
          [
            'kalla-connector-endless',
            '1.2.0',
            /still busy 20 seconds after it was loaded, as an endless loop would be/,
          ],
        ];
        for (const [name, version, sentence] of refusals) {
          await install(page, name, version);
          const notice = page.getByRole('alert').filter({ hasText: sentence });
          await notice.waitFor();
          expect(await notice.innerText()).toMatch(/It was not installed[^]*Nothing was changed\./);
          expect(lockText()).toBe(lock);
        }
        await picture(page, 'refused');
      });
    });

    it('cancels an installation, and nothing of it stays', { timeout: 120_000 }, async () => {
      const lock = lockText();
      await withPage({}, async (page) => {
        await page.goto('/settings/connectors');
        await install(page, 'kalla-connector-endless', '1.2.0');
        await page.getByText('Loading it in a process of its own').waitFor();
        await page.getByRole('button', { name: 'Cancel' }).click();
        await page.getByText('The installation was cancelled. Nothing was changed.').waitFor();
        expect(lockText()).toBe(lock);
        // The next one need not wait for what the cancelled one would have taken.
        await install(page, NAME, '2.0.0');
        await page.getByText(`${NAME} 2.0.0 is installed.`).waitFor();
      });
    });

    for (const { colorScheme, width } of looks) {
      it(`is accessible and complete, ${colorScheme}, ${width} px`, { timeout: 120_000 }, async () => {
        await withPage({ colorScheme, viewport: { width, height: 900 } }, async (page, complaints) => {
          await page.goto('/settings/connectors');
          await page.getByRole('button', { name: 'Search' }).click();
          await page.getByText(/connectors? found\./).waitFor();
          const look = async (state: string) => {
            const { violations } = await new AxeBuilder({ page }).analyze();
            expect(violations.map(({ id, nodes }) => `${state} ${id}: ${nodes[0]?.html}`)).toEqual([]);
            const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
            expect(overflow, `${state} is wider than the window`).toBeLessThanOrEqual(0);
          };
          await look('found');
          await install(page, 'x'.repeat(300), '1.0.0');
          await page.getByRole('alert').waitFor();
          await look('refused');
          await picture(page, `${colorScheme}-${width}`);
          await install(page, 'kalla-connector-endless', '1.2.0');
          await page.getByText('Loading it in a process of its own').waitFor();
          await look('going on');
          await picture(page, `${colorScheme}-${width}-going-on`);
          await page.getByRole('button', { name: 'Cancel' }).click();
          await page.getByText('The installation was cancelled.').waitFor();
          await page
            .getByRole('button', { name: /^Remove / })
            .first()
            .click();
          await look('removal');
          expect(complaints.filter((one) => !one.includes('422'))).toEqual([]);
        });
      });
    }

    it('can be done by keyboard alone', { timeout: 120_000 }, async () => {
      await withPage({}, async (page) => {
        await page.goto('/settings/connectors');
        await page.getByLabel('Package', { exact: true }).focus();
        await page.keyboard.type('UPPER');
        await page.keyboard.press('Tab');
        await page.keyboard.type('1.0.0');
        await page.keyboard.press('Enter');
        await page
          .getByRole('alert')
          .getByText(/lower case/)
          .waitFor();
        await page.getByRole('button', { name: `Install another version of ${NAME}` }).focus();
        await page.keyboard.press('Enter');
        expect(await page.getByLabel('Package', { exact: true }).inputValue()).toBe(NAME);
        expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe('1.0.0');
      });
    });
  });
});
