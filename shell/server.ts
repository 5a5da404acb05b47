import { resolve } from 'node:path';
import { EnvError, parseEnv } from './app/server/env.server.ts';
import { FolderLockedError } from './app/server/db/folder-lock.server.ts';
import { lostDatabaseOf, reasonOf } from './app/server/db/lost-database.server.ts';
import { startShell, type RunningShell } from './app/server/start-shell.server.ts';

/** `node shell/dist/server.js [--dev]`. Prints one line when it listens; SIGINT, SIGTERM or a lost parent ends it. */
async function main(): Promise<void> {
  const development = process.argv.includes('--dev');
  const folder = resolve(import.meta.dirname, '..');
  let shell: RunningShell | undefined;
  let ending: Promise<void> | undefined;
  const end = () => {
    ending ??= (async () => {
      // Nothing may keep the process longer than this, whatever hangs.
      setTimeout(() => process.exit(1), 5_000).unref();
      await shell?.close();
      process.exit(0);
    })();
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  process.on('disconnect', end);
  try {
    shell = await startShell({ env: parseEnv(process.env, development), folder });
  } catch (error) {
    const sentence = sentenceOf(error);
    if (sentence === null) throw error;
    console.error(sentence);
    // The listener for a lost parent would keep the process: `npm start` would wait a minute before it passes the sentence on.
    process.exit(1);
  }
  console.log(`Kalla is at ${shell.address}`);
  if (ending) await shell.close();
}

/** What the one who starts Kalla can mend, in a sentence; null for a fault of ours. */
function sentenceOf(error: unknown): string | null {
  if (lostDatabaseOf(error)) {
    return `Kalla cannot reach its database: the PostgreSQL server of DATABASE_URL does not let it in (${reasonOf((error as Error).cause)}). Start that server or mend DATABASE_URL, then start Kalla again. Nothing is lost.`;
  }
  if (error instanceof EnvError || error instanceof FolderLockedError || isAddressError(error)) return error.message;
  return null;
}

function isAddressError(error: unknown): error is Error {
  return ['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL'].includes((error as NodeJS.ErrnoException).code ?? '');
}

await main();
