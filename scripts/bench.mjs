// @ts-check
import { join } from 'node:path';
import { run } from './lib/npm.mjs';
import { ROOT } from './lib/paths.mjs';
import { ensureBuilt, ensureInstalled } from './lib/setup.mjs';
import { main } from './lib/user-error.mjs';

/** `npm run bench -- --scenarios all|NAME[,NAME]` */
await main(async () => {
  await ensureInstalled();
  await ensureBuilt();
  const args = ['--import', 'tsx', '--conditions', 'kalla-source', join('benchmarks', 'src', 'main.ts')];
  process.exitCode = await run(process.execPath, [...args, ...process.argv.slice(2)], { cwd: ROOT });
});
