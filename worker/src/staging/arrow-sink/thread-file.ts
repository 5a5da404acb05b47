import { existsSync } from 'node:fs';

/**
 * Where the sink thread's program is, and what Node needs to start it. Run from source (tests, `npm run dev`) it is the
 * TypeScript file, by way of a starter that registers tsx; built it is `dist/staging/arrow-sink/sink-thread.js`, whichever chunk this code is in.
 */
export function sinkThreadFile(): { url: URL; execArgv: string[] } {
  if (import.meta.url.endsWith('.ts')) {
    return {
      url: new URL('./sink-thread-from-source.mjs', import.meta.url),
      execArgv: ['--conditions', 'kalla-source'],
    };
  }
  for (const place of ['./staging/arrow-sink/sink-thread.js', './sink-thread.js']) {
    const url = new URL(place, import.meta.url);
    if (existsSync(url)) return { url, execArgv: [] };
  }
  throw new Error('The build lacks dist/staging/arrow-sink/sink-thread.js. Run "npm run build" again.');
}
