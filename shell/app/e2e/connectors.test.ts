import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { ConnectorInfo } from '@kalla/core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../testing/require-part.ts';
import { fixtureConnector, type FixtureOptions } from '../../testing/registry/fixture-connector.ts';
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
        // What is wrong with a package itself is in connector-refusals.test.ts, with the 20 seconds that an endless loop is given.
        const refusals: [string, string, RegExp][] = [
          ['../x', '1.0.0', /"\.\.\/x" is not the name of an npm package/],
          ['--flag', '1.0.0', /"--flag" is not the name of an npm package/],
          ['Upper', '1.0.0', /names are written in lower case/],
          ['x'.repeat(300), '1.0.0', /has 300 characters/],
          ['git+https://h/x.git', '1.0.0', /is an address/],
          [NAME, '^1.0.0', /Give one exact version/],
          [NAME, '3.0.0', /but not in version 3\.0\.0\. Its newest: 2\.0\.0, 1\.2\.0\./],
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

    /** Installs a packed connector through the page. */
    async function installFile(page: Page, options: FixtureOptions) {
      const file = path.join(folder, 'packed.tgz');
      writeFileSync(file, fixtureConnector(options).tarball);
      await page.getByLabel('From a packed file: choose a file').setInputFiles(file);
    }

    it(
      'says which sources another version would break, and leaves the one that is there',
      { timeout: 180_000 },
      async () => {
        const name = 'kalla-connector-stays';
        const source = { alias: 'kept_ledger', type: 'stays', uri: 'stays://north?table=entries', primary_key: ['id'] };
        await withPage({}, async (page) => {
          await page.goto('/settings/connectors');
          await installFile(page, { name, id: 'stays', version: '1.0.0' });
          await page.getByText(`${name} 1.0.0 is installed.`).waitFor();
          expect((await api('POST', '/api/sources', source)).status).toBe(201);
          const lock = lockText();
          await installFile(page, { name, id: 'stays', version: '2.0.0', required: ['region'] });
          const notice = page.getByRole('alert').filter({ hasText: 'kept_ledger' });
          await notice.waitFor();
          expect(await notice.innerText()).toMatch(
            /It was not installed[^]*The source "kept_ledger": the setting "region" is new in it and has to be filled in\. Keep version 1\.0\.0; or remove it first, and set it up again with 2\.0\.0\.[^]*Nothing was changed\./,
          );
          await picture(page, 'would-break');
          await installFile(page, { name, id: 'stays', version: '3.0.0', scheme: 'other' });
          await page
            .getByRole('alert')
            .filter({ hasText: 'The source "kept_ledger": addresses that begin with "stays:" are gone from it.' })
            .waitFor();
          await card(page, name).getByText('version 1.0.0', { exact: true }).waitFor();
          expect(lockText()).toBe(lock);
        });
        expect((await api('DELETE', '/api/sources/kept_ledger')).status).toBe(204);
        expect((await api('DELETE', `/api/connectors/${name}`)).status).toBe(204);
      },
    );

    it('tells two builds of one version apart, and says which it goes back to', { timeout: 180_000 }, async () => {
      const name = 'kalla-connector-twice';
      await withPage({}, async (page, complaints) => {
        await page.goto('/settings/connectors');
        await installFile(page, { name, id: 'twice', version: '0.1.0' });
        await card(page, name).getByText('version 0.1.0', { exact: true }).waitFor();
        await installFile(page, { name, id: 'twice', version: '0.1.0', manifest: { description: 'Built anew.' } });
        const back = card(page, name).getByRole('button', { name: 'Go back to' });
        await back.waitFor();
        const { connectors } = (await (await api('GET', '/api/connectors')).json()) as {
          connectors: ConnectorInfo[];
        };
        const { build, previous_build: before } = connectors.find((one) => one.package === name)!;
        expect(build?.checksum).not.toBe(before?.checksum);
        const words = async () => (await card(page, name).innerText()).replaceAll(/\s+/g, ' ');
        // Both in the same minute, or not: the times tell them apart, or the checksums do.
        const here = async () => / version (0\.1\.0, installed .*?) Version/.exec(await words())?.[1];
        const kept = async () => /Version (0\.1\.0, installed .*?) is kept/.exec(await words())?.[1];
        const first = { here: await here(), kept: await kept() };
        expect(first.here).toBeTruthy();
        expect(first.kept).toBeTruthy();
        expect(first.here).not.toBe(first.kept);
        expect(await back.innerText()).toBe(`Go back to ${first.kept}`);
        await picture(page, 'two-builds');
        await back.click();
        await page.getByText(`${name} is version ${first.kept} again.`).waitFor();
        await expect.poll(here, patient).toBe(first.kept);
        expect(await kept()).toBe(first.here);
        expect(complaints).toEqual([]);
      });
      expect((await api('DELETE', `/api/connectors/${name}`)).status).toBe(204);
    });

    it(
      'says what to do about a damaged lock file, and offers nothing that cannot work',
      { timeout: 120_000 },
      async () => {
        const file = path.join(folder, 'data', 'connectors.lock.json');
        const name = 'kalla-connector-mended';
        await withPage({}, async (page, complaints) => {
          await page.goto('/settings/connectors');
          await installFile(page, { name, id: 'mended' });
          await page.getByText(`${name} 1.2.0 is installed.`).waitFor();
          const good = readFileSync(file, 'utf8');
          for (const [damaged, reason] of [
            ['{"connectors":', 'it is not whole JSON'],
            ['{"connectors":[{"name":1}]}', 'what it says at "connectors.0.version" cannot be'],
          ] as const) {
            writeFileSync(file, damaged);
            await page.goto('/settings/connectors');
            const notice = page.getByRole('alert');
            await notice.getByText(`is damaged: ${reason}.`).waitFor();
            expect(await notice.innerText()).toContain(
              'Put back a copy from before; or delete it and install the connectors again: sources stay as they are.',
            );
            const main = page.getByRole('main');
            expect(await main.getByRole('button').allInnerTexts()).toEqual(['Look again']);
            expect(await main.getByRole('textbox').count()).toBe(0);
            expect(await card(page, 'connectors.lock.json').count()).toBe(0);
            const { violations } = await new AxeBuilder({ page }).analyze();
            expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
            await picture(page, 'damaged');
          }
          writeFileSync(file, good);
          await page.getByRole('button', { name: 'Look again' }).click();
          await page.getByRole('heading', { name: 'Install a connector' }).waitFor();
          expect(await page.getByRole('alert').count()).toBe(0);
          await card(page, name)
            .getByRole('button', { name: `Remove ${name}` })
            .waitFor();
          expect(complaints).toEqual([]);
        });
        expect((await api('DELETE', `/api/connectors/${name}`)).status).toBe(204);
      },
    );

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
