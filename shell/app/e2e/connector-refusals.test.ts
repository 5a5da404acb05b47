import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../testing/require-part.ts';
import {
  brokenCode,
  falseManifests,
  giants,
  goodConnector,
  misfits,
  MOST_BYTES,
  packRefused,
  refusedNames,
  refusedVersions,
  thieves,
  type RefusedPackage,
} from '../../testing/registry/refused-packages.ts';
import { registryUser, type TestRegistryUser } from '../../testing/registry/test-registry.ts';
import { startKalla, type RunningKalla } from './start-kalla.ts';
import { launchChromium, withPage } from './with-page.ts';

/** `KALLA_TEST_SCREENSHOTS=folder` keeps a picture of each refusal, to be looked at. */
const pictures = process.env.KALLA_TEST_SCREENSHOTS;
const GOOD = 'kalla-connector-good';

/** Every package and name that is refused, as a person sees it on the page. One page stays open for many attempts. */
describeWith('chromium', 'what is not installed, on the page', (executablePath) => {
  describeWith('verdaccio', 'from a registry', (registryUrl) => {
    let kalla: RunningKalla;
    let browser: Browser;
    let registry: TestRegistryUser;
    let scratch: string;
    let lock: string;
    beforeAll(async () => {
      if (pictures) mkdirSync(pictures, { recursive: true });
      scratch = mkdtempSync(path.join(tmpdir(), 'kalla-refused-'));
      registry = await registryUser(registryUrl);
      [kalla, browser] = await Promise.all([
        startKalla({
          KALLA_SAMPLE: '0',
          KALLA_NPM_REGISTRY: registryUrl,
          KALLA_DATA_DIR: path.join(scratch, 'data'),
          KALLA_MAX_CONNECTOR_BYTES: String(MOST_BYTES),
        }),
        launchChromium(executablePath),
      ]);
      const file = path.join(scratch, 'good.tgz');
      writeFileSync(file, goodConnector().tarball);
      const answer = await fetch(`${kalla.address}/api/connectors`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ tarball: file }),
      });
      expect(answer.status).toBe(201);
      lock = lockText();
    }, 180_000);
    afterAll(async () => {
      await browser?.close();
      await kalla?.stop();
      rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
    });
    const lockText = () => readFileSync(path.join(scratch, 'data', 'connectors.lock.json'), 'utf8');

    const onPage = (body: (page: Page) => Promise<void>) =>
      withPage(browser, kalla.address, {}, async (page) => {
        page.setDefaultTimeout(90_000);
        await page.goto('/settings/connectors');
        await page.getByRole('heading', { name: 'Installing is for administrators' }).waitFor();
        await body(page);
      });
    async function installNamed(page: Page, name: string, version: string) {
      await page.getByLabel('Package', { exact: true }).fill(name);
      await page.getByLabel('Version', { exact: true }).fill(version);
      await page.getByRole('button', { name: 'Install', exact: true }).click();
    }
    /** The page says why, in one notice; and neither the lock file nor the folder of what is installed has changed. */
    async function expectRefused(page: Page, what: string, sentence: RegExp) {
      const notice = page.getByRole('alert');
      await notice.waitFor();
      const text = await notice.innerText();
      expect([what, text]).toEqual([what, expect.stringMatching(/^It was not installed[^]*Nothing was changed\.$/)]);
      expect([what, text]).toEqual([what, expect.stringMatching(sentence)]);
      expect(text).not.toContain(scratch);
      expect(text).not.toMatch(/s3cr3t|\n\s+at /);
      expect([what, lockText()]).toEqual([what, lock]);
      const connectors = path.join(scratch, 'data', 'connectors');
      expect([what, readdirSync(connectors).sort()]).toEqual([what, ['.staging', GOOD]]);
      expect([what, readdirSync(path.join(connectors, '.staging'))]).toEqual([what, []]);
      if (pictures) await notice.screenshot({ path: path.join(pictures, `refused-${what}.png`) });
    }
    async function attempt(page: Page, one: RefusedPackage) {
      const packed = packRefused(one);
      for (const other of one.beside?.() ?? []) await registry.publish(other);
      if (one.told) {
        await registry.publish(packed, one.told);
        const { name = packed.manifest.name, version = packed.manifest.version } = one.told.listed ?? {};
        await installNamed(page, String(name), String(version));
      } else {
        const file = path.join(scratch, `${one.name}.tgz`);
        writeFileSync(file, packed.tarball);
        await page.getByLabel('From a packed file: choose a file').setInputFiles(file);
      }
      await expectRefused(page, one.name, one.sentence);
    }

    it('names and versions that are none', { timeout: 120_000 }, async () => {
      await onPage(async (page) => {
        for (const [index, [name, sentence]] of refusedNames.entries()) {
          await installNamed(page, name, '1.2.0');
          await expectRefused(page, `name-${index}`, sentence);
        }
        for (const [index, version] of refusedVersions.entries()) {
          await installNamed(page, GOOD, version);
          await expectRefused(page, `version-${index}`, /one exact version/);
        }
      });
    });

    it.each<[string, readonly RefusedPackage[]]>([
      ['whose code throws, ends the process, never ends, or is no connector', brokenCode],
      ['that lies in its manifest, or has none', falseManifests],
      ['that takes what another connector has', thieves],
      ['that does not fit to this Kalla, or does not get what it depends on', misfits],
      ['that is too large, whatever it says of itself', giants],
    ])('a package %s', { timeout: 300_000 }, async (_, packages) => {
      await onPage(async (page) => {
        for (const one of packages) await attempt(page, one);
      });
    });

    it('a file that is no package', { timeout: 60_000 }, async () => {
      await onPage(async (page) => {
        const file = path.join(scratch, 'text.tgz');
        writeFileSync(file, 'a,b\n1,2\n');
        await page.getByLabel('From a packed file: choose a file').setInputFiles(file);
        await expectRefused(page, 'text', /not a packed npm package/);
      });
    });
  });
});
