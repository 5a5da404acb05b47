import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith, partAddress } from '../../../testing/require-part.ts';
import { openGate, type DatabaseGate } from '../../testing/database-gate.ts';
import { createPostgresDatabase } from '../../testing/databases.ts';
import { startKalla, type RunningKalla } from './start-kalla.ts';
import { launchChromium, withPage } from './with-page.ts';

const server = partAddress('postgres');

describeWith('chromium', 'pages while the database is gone', (executablePath) => {
  let database: Awaited<ReturnType<typeof createPostgresDatabase>>;
  let gate: DatabaseGate;
  let kalla: RunningKalla;
  let browser: Browser;

  beforeAll(async () => {
    if (!server) return;
    database = await createPostgresDatabase(server);
    gate = await openGate(database.url);
    [kalla, browser] = await Promise.all([
      startKalla({ KALLA_SAMPLE: '0', DATABASE_URL: gate.url, KALLA_LOG_LEVEL: 'info' }),
      launchChromium(executablePath),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await kalla?.stop();
    await gate?.shut();
    await database?.drop();
  });

  it.skipIf(!server)('say so, also after a click, and come back by themselves', async () => {
    await withPage(browser, kalla.address, {}, async (page) => {
      await page.goto('/');
      const waiting = page.getByRole('heading', { name: 'Not available at the moment' });
      await page.getByRole('heading', { name: 'No recipe yet' }).waitFor();
      await gate.shut();
      await page.getByRole('link', { name: 'Sources' }).click();
      await waiting.waitFor();
      await gate.open();
      await page.getByRole('heading', { name: 'No source yet' }).waitFor();
      expect(new URL(page.url()).pathname).toBe('/sources');

      await gate.shut();
      expect((await page.goto('/runs'))?.status()).toBe(503);
      await waiting.waitFor();
      expect(await page.getByRole('main').innerText()).toMatch(
        /Kalla cannot reach its database\. Nothing that was saved is lost/,
      );
      await gate.open();
      await page.getByRole('heading', { name: 'Nothing has run yet' }).waitFor();
      expect(kalla.output()).not.toMatch(/"stack"|"level":50|postgres:/);
    });
  });
});
