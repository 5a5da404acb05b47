import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { describeWith } from '../../../testing/require-part.ts';
import { scaffoldedPackage } from '../../testing/scaffolded-package.ts';
import { startKalla, type RunningKalla } from './start-kalla.ts';
import { type Complaints, launchChromium, looks, withPage as withAnyPage } from './with-page.ts';

/** `KALLA_TEST_SCREENSHOTS=folder` keeps pictures of the steps, to be looked at. */
const pictures = process.env.KALLA_TEST_SCREENSHOTS;
const NAME = 'kalla-connector-quill';

describeWith('chromium', 'the form that a connector brings', (executablePath) => {
  let kalla: RunningKalla;
  let browser: Browser;
  let scratch: string;
  let folder: string;
  beforeAll(async () => {
    if (pictures) mkdirSync(pictures, { recursive: true });
    scratch = mkdtempSync(path.join(tmpdir(), 'kalla-panel-'));
    folder = await scaffoldedPackage(scratch, 'quill', ['--panel', '--title', 'Quill books']);
    [kalla, browser] = await Promise.all([
      startKalla({ KALLA_SAMPLE: '0', KALLA_DATA_DIR: path.join(scratch, 'data') }),
      launchChromium(executablePath),
    ]);
    expect(await install(folder)).toMatchObject({ package: NAME, version: '0.1.0' });
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await kalla?.stop();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  });

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as `TestShell.call` answers
  const api = async (method: string, address: string, body?: unknown): Promise<any> => {
    const answer = await fetch(kalla.address + address, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    return text ? JSON.parse(text) : undefined;
  };
  const install = (place: string) => api('POST', '/api/connectors', { folder: place });
  const panelOf = async () =>
    (await api('GET', '/api/connectors')).connectors.find((one: { type: string }) => one.type === 'quill')?.panel;
  const withPage = (options: BrowserContextOptions, body: (page: Page, complaints: Complaints) => Promise<void>) =>
    withAnyPage(browser, kalla.address, options, (page, complaints) => {
      page.setDefaultTimeout(60_000);
      return body(page, complaints);
    });
  const picture = async (page: Page, name: string) => {
    if (pictures) await page.screenshot({ path: path.join(pictures, `connector-panel-${name}.png`), fullPage: true });
  };
  async function choose(page: Page) {
    await page.goto('/sources/new');
    await page.getByRole('button', { name: 'Connect to Quill books' }).click();
  }
  /** The template says in a help text, and in the code of its button, what the token of its source in memory is. */
  const withoutHelp = (text: string) =>
    text.replaceAll('it is demo-token', '').replaceAll(/token:\s*"demo-token"/g, '');
  /** What only the connector's own form has. */
  const own = (page: Page) => page.getByRole('button', { name: 'Use the source in memory' });

  it('stands in place of the generated form, and the source is saved through it', { timeout: 120_000 }, async () => {
    await withPage({}, async (page, complaints) => {
      await choose(page);
      await own(page).waitFor();
      await page.getByRole('button', { name: 'Check the connection' }).click();
      // Of Kalla, and shown by the form and beside it.
      await page.getByRole('list', { name: 'What to mend' }).getByText('Fill in “Host”.').waitFor();
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('ss-settings-host');
      await page.getByLabel('Host', { exact: true }).fill('demo');
      await page.getByLabel('Token', { exact: true }).fill('wr0ng-t0ken');
      await page.getByRole('button', { name: 'Check the connection' }).click();
      await page.getByText('Quill books refuses the token.').first().waitFor();
      await picture(page, 'refused');
      await own(page).click();
      // The Enter key in a field of the form checks, as everywhere.
      await page.getByLabel('Host', { exact: true }).press('Enter');
      await page.getByRole('option', { name: /payments/ }).click();
      await page.getByText('Tells every row apart').waitFor();
      await page.getByLabel('Name of the source').fill('quill_payments');
      await picture(page, 'whole');
      expect(withoutHelp(await page.content()).match(/demo-token|wr0ng-t0ken/)?.[0]).toBeUndefined();
      await page.getByRole('button', { name: 'Save the source' }).click();
      await page.getByText('The source quill_payments is saved.').waitFor();
      expect(complaints).toEqual([]);
    });
    expect(await api('GET', '/api/sources/quill_payments')).toMatchObject({
      type: 'quill',
      table: 'payments',
      config: { host: 'demo' },
      secrets_set: ['token'],
      primary_key: ['id'],
    });
    expect((await api('GET', '/api/sources/quill_payments/preview?limit=1')).rows).toMatchObject([{ id: '1001' }]);
  });

  it('changes a source that exists, without ever getting its secret', { timeout: 60_000 }, async () => {
    await withPage({}, async (page, complaints) => {
      const answers: string[] = [];
      page.on(
        'response',
        (response) =>
          void response.text().then(
            (text) => answers.push(text),
            () => undefined,
          ),
      );
      await page.goto('/sources/quill_payments');
      await own(page).waitFor();
      await page.getByText('A table can be read.').waitFor();
      expect(await page.getByLabel('Host', { exact: true }).inputValue()).toBe('demo');
      expect(await page.getByLabel('Token', { exact: true }).inputValue()).toBe('');
      await page.getByRole('button', { name: 'Save the changes' }).click();
      await page.getByText('The source quill_payments is saved.').waitFor();
      expect(withoutHelp(answers.join('\n')).match(/demo-token/)?.[0]).toBeUndefined();
      expect(complaints).toEqual([]);
    });
    expect((await api('GET', '/api/sources/quill_payments/preview?limit=1')).rows).toMatchObject([{ id: '1001' }]);
  });

  it('is shown to a colleague who was handed the step', { timeout: 60_000 }, async () => {
    const link = await api('POST', '/api/sources/quill_payments/handover', {});
    await withPage({}, async (page, complaints) => {
      await page.goto(link.url.replace(/^https?:\/\/[^/]+/, ''));
      await own(page).click();
      await page.getByRole('button', { name: 'Save and finish' }).click();
      await page.getByText('Thank you, it is saved').waitFor();
      expect(complaints).toEqual([]);
    });
  });

  it('is served from its folder only, and only while it is installed', async () => {
    const { entry } = await panelOf();
    expect(entry).toMatch(new RegExp(`^/panels/${NAME}/[0-9a-f]{16}/remoteEntry\\.[0-9a-f]{8}\\.js$`));
    const base = entry.slice(0, entry.lastIndexOf('/') + 1);
    const status = async (address: string) => (await fetch(kalla.address + address)).status;
    const script = await fetch(kalla.address + entry);
    expect([script.status, script.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
    for (const name of [
      '..%2findex.js',
      '..%2f..%2fpackage.json',
      '%2e%2e/index.js',
      'index.js',
      '../config.schema.json',
    ])
      expect([name, await status(base + name)]).toEqual([name, 404]);
    expect(await status(entry.replace(/[0-9a-f]{16}/, '0'.repeat(16)))).toBe(404);
  });

  /** Folder of the panel as it is installed, under the eyes of the running Kalla. */
  const installed = () => {
    const lock = JSON.parse(readFileSync(path.join(scratch, 'data', 'connectors.lock.json'), 'utf8'));
    return path.join(scratch, 'data', lock.connectors[0].path, 'dist', 'panel');
  };
  /** Breaks the installed panel and mends it after `body`. */
  async function broken(breakIt: (panel: string) => void, body: () => Promise<void>) {
    const panel = installed();
    const manifest = path.join(panel, 'mf-manifest.json');
    const kept = readFileSync(manifest, 'utf8');
    const { remoteEntry } = JSON.parse(kept).metaData;
    const script = path.join(panel, remoteEntry.name);
    const code = readFileSync(script, 'utf8');
    try {
      breakIt(panel);
      await body();
    } finally {
      rmSync(panel, { recursive: true, force: true });
      mkdirSync(panel);
      for (const [file, text] of Object.entries(whole)) writeFileSync(path.join(panel, file), text);
      writeFileSync(script, code);
      writeFileSync(manifest, kept);
    }
  }
  const whole: Record<string, Buffer> = {};
  beforeAll(() => {
    for (const file of readdirSync(installed())) whole[file] = readFileSync(path.join(installed(), file));
  });
  /** Replaces the entry script. The manifest is written anew, as by an installation: it tells that something has changed. */
  const script = (code: string) => (panel: string) => {
    const manifest = path.join(panel, 'mf-manifest.json');
    const text = readFileSync(manifest, 'utf8');
    writeFileSync(path.join(panel, JSON.parse(text).metaData.remoteEntry.name), code);
    writeFileSync(manifest, `${text}\n`);
  };
  const manifest = (change: (text: string) => string) => (panel: string) => {
    const file = path.join(panel, 'mf-manifest.json');
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  };
  const container = (module: string) => `globalThis.quill = { init() {}, async get() { ${module} } };`;
  it.each<[string, (panel: string) => void, RegExp]>([
    [
      'is missing',
      (panel) => renameSync(panel, `${panel}-gone`),
      /It has not been built: its mf-manifest\.json is missing/,
    ],
    ['has a manifest that is no JSON', manifest(() => '{'), /Its mf-manifest\.json is not JSON/],
    [
      'is for another React',
      manifest((text) => text.replaceAll('^19.0.0', '^18.2.0')),
      /It needs react\/jsx-runtime \^18\.2\.0, this Kalla has 19/,
    ],
    [
      'has lost its script',
      manifest((text) => text.replace(/remoteEntry\.[0-9a-f]+\.js/, 'gone.js')),
      /Its remote entry gone\.js is missing/,
    ],
    [
      'exposes something else',
      manifest((text) => text.replaceAll('./Setup', './Other')),
      /It does not expose \.\/Setup/,
    ],
    [
      'throws while it loads',
      script('throw new Error("no licence")'),
      /its script could not be loaded, or ended with an error/,
    ],
    [
      'brings nothing',
      script('globalThis.nothing = 1;'),
      /its script ran, but did not bring the panel|its script could not be loaded/,
    ],
    ['has no component', script(container('return () => ({ apiVersion: 1 });')), /it does not export a component/],
    [
      'is for another panel API',
      script(container('return () => ({ apiVersion: 2, default: () => null });')),
      /written for panel API 2; this Kalla has 1/,
    ],
    [
      'throws while it renders',
      script(container('return () => ({ apiVersion: 1, default() { throw new Error("no rendering today"); } });')),
      /no rendering today/,
    ],
    ['never comes', script(container('await new Promise(() => {});')), /it did not answer within 10 s/],
  ])('that %s gives way to the plain form, with the reason', { timeout: 60_000 }, async (name, breakIt, reason) => {
    await broken(breakIt, () =>
      withPage({}, async (page) => {
        await choose(page);
        const notice = page.getByRole('status').filter({ hasText: 'The form that kalla-connector-quill 0.1.0 brings' });
        await notice.waitFor();
        expect(await notice.innerText()).toMatch(reason);
        await picture(page, name.replaceAll(' ', '-'));
        expect(await own(page).count()).toBe(0);
        await page.getByLabel('Host', { exact: true }).fill('demo');
        await page.getByLabel('Token', { exact: true }).fill('demo-token');
        await page.getByRole('button', { name: 'Check the connection' }).click();
        await page.getByText('A table can be read.').waitFor();
      }),
    );
  });

  it('can be left for the plain form, and come back to', { timeout: 60_000 }, async () => {
    await withPage({}, async (page, complaints) => {
      await choose(page);
      await own(page).click();
      await page.getByRole('button', { name: 'Use the plain form' }).click();
      expect(await page.getByLabel('Host', { exact: true }).inputValue()).toBe('demo');
      expect(await own(page).count()).toBe(0);
      await page.getByRole('button', { name: 'Use the form of the connector' }).click();
      await own(page).waitFor();
      expect(complaints).toEqual([]);
    });
  });

  for (const { colorScheme, width } of looks) {
    it(`is accessible and complete, ${colorScheme}, ${width} px`, { timeout: 60_000 }, async () => {
      await withPage({ colorScheme, viewport: { width, height: 900 } }, async (page) => {
        await choose(page);
        await own(page).waitFor();
        await page.getByRole('button', { name: 'Check the connection' }).click();
        await page.getByRole('list', { name: 'What to mend' }).waitFor();
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(
          0,
        );
        await picture(page, `${colorScheme}-${width}`);
      });
    });
  }

  it("is loaded anew by the author's dev command at each change, without a restart", { timeout: 600_000 }, async () => {
    const file = path.join(folder, 'panel', 'setup.tsx');
    const before = readFileSync(file, 'utf8');
    const dev = spawn(process.execPath, ['scripts/dev.mjs'], {
      cwd: folder,
      env: { ...process.env, KALLA_URL: kalla.address },
    });
    const ended = new Promise<void>((resolve) => dev.once('close', () => resolve()));
    let said = '';
    for (const stream of [dev.stdout, dev.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
    const loads = () => said.split(`Loaded ${NAME} 0.1.0`).length - 1;
    const loaded = async (times: number) => {
      await vi.waitUntil(() => loads() >= times || said.includes('Not loaded'), { timeout: 150_000, interval: 100 });
      expect([loads(), said]).toEqual([times, expect.not.stringContaining('Not loaded')]);
    };
    try {
      await loaded(1);
      await withPage({}, async (page) => {
        await choose(page);
        await own(page).waitFor();
        writeFileSync(file, before.replace('Use the source in memory', 'Use what was written just now'));
        await loaded(2);
        await choose(page);
        await page.getByRole('button', { name: 'Use what was written just now' }).waitFor();
      });
      writeFileSync(file, before);
      await loaded(3);
    } finally {
      dev.kill('SIGTERM');
      await ended;
    }
  });

  it(
    'follows an upgrade, a way back and a removal without a restart, on a page that stays open',
    { timeout: 180_000 },
    async () => {
      const newer = await scaffoldedPackage(
        path.join(scratch),
        'quill2',
        ['--panel', '--title', 'Quill books', '--package', NAME],
        (made) => {
          const replace = (file: string, ...pairs: [string | RegExp, string][]) => {
            const place = path.join(made, file);
            writeFileSync(
              place,
              pairs.reduce((text, [from, to]) => text.replaceAll(from, to), readFileSync(place, 'utf8')),
            );
          };
          replace('package.json', [/"quill2"/g, '"quill"'], ['"0.1.0",\n  "desc', '"0.2.0",\n  "desc']);
          replace('src/index.ts', ['quill2:', 'quill:']);
          replace('panel/setup.tsx', ['Use the source in memory', 'Use the newer source']);
        },
      );
      await withPage({}, async (page) => {
        await choose(page);
        await own(page).waitFor();
        const before = (await panelOf()).entry;
        expect(await install(newer)).toMatchObject({ version: '0.2.0' });
        const after = (await panelOf()).entry;
        expect(after).not.toBe(before);
        // What a page that is open still asks for is there as long as the version can be gone back to.
        expect((await fetch(kalla.address + before)).status).toBe(200);
        // Without loading the page anew: by its own links.
        const again = async () => {
          await page.getByRole('navigation').getByRole('link', { name: 'Sources' }).click();
          await page.getByRole('main').getByRole('link', { name: 'Add a source' }).first().click();
          await page.getByRole('button', { name: 'Connect to Quill books' }).click();
        };
        await again();
        await page.getByRole('button', { name: 'Use the newer source' }).waitFor();
        expect(await own(page).count()).toBe(0);
        await api('POST', `/api/connectors/${NAME}/rollback`);
        await again();
        await own(page).waitFor();
        await api('DELETE', '/api/sources/quill_payments');
        await api('DELETE', `/api/connectors/${NAME}`);
        for (const gone of [before, after]) expect((await fetch(kalla.address + gone)).status).toBe(404);
        await page.goto('/sources/new');
        await page.getByRole('button', { name: 'Connect to PostgreSQL' }).waitFor();
        expect(await page.getByRole('button', { name: 'Connect to Quill books' }).count()).toBe(0);
      });
    },
  );
});
