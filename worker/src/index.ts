import { fileURLToPath } from 'node:url';
import { EnvError } from './env.ts';
import { startWorker } from './start-worker.ts';

/** Whatever hangs, the process is gone after this. */
const STOP_MS = 4_500;

/** The child's program lies beside this one, in the source as in the build. */
const childEntry = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url),
);

try {
  const worker = await startWorker(process.env, childEntry);
  const stop = () => {
    setTimeout(() => process.exit(0), STOP_MS).unref();
    void worker.close().finally(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Started by `npm start`: when that is gone, nobody would ever stop this process.
  process.on('disconnect', stop);
} catch (error) {
  const code = (error as NodeJS.ErrnoException).code;
  const sentence =
    error instanceof EnvError
      ? error.message
      : code === 'EADDRINUSE'
        ? 'The port is taken by another program. Set WORKER_PORT to a free one.'
        : error instanceof Error
          ? error.message
          : String(error);
  process.stderr.write(`The worker cannot start. ${sentence}\n`);
  process.exit(1);
}
