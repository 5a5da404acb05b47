import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';

/**
 * Puts an embedded database without tables into a data folder that has none, as the first start would make it. Making one takes
 * five seconds of a processor, as much as everything else of a start ten times over, so that a run of tests makes one and copies
 * it. The first start itself is what `testing/e2e/start.test.ts` and `testing/e2e/readme-curl.test.ts` are about.
 *
 * @param dataDir `KALLA_DATA_DIR`; made where it is not there
 */
export async function giveDatabase(dataDir: string): Promise<void> {
  // Made and removed by `testing/global-setup.ts`; the processes of a run share it.
  const shared = process.env.KALLA_TEST_MADE;
  const target = join(dataDir, 'db');
  if (!shared || existsSync(target)) return;
  const made = join(shared, 'db');
  if (!existsSync(made)) {
    const mine = join(shared, `db-${process.pid}`);
    await (await PGlite.create({ dataDir: mine })).close();
    try {
      renameSync(mine, made);
    } catch {
      // Another process was faster, and its database is the same.
      rmSync(mine, { recursive: true, force: true });
    }
  }
  mkdirSync(dataDir, { recursive: true });
  cpSync(made, target, { recursive: true });
}
