import { realpathSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RegisteredPanel } from './read-panel.server.ts';

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

function missing(): Response {
  return new Response('There is no such file in this panel. Reload the page: the panel may have been updated.', {
    status: 404,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' },
  });
}

/**
 * Serves `/panels/<package>/<hash>/<file>`. The address changes with the content, so scripts and styles are kept for good;
 * JSON is always asked for anew. Nothing outside of the panel's folder, and no kind of file that is not listed here, is served.
 *
 * @param splat what follows `/panels/`, not decoded a second time
 */
export async function servePanelAsset(splat: string, panels: readonly RegisteredPanel[]): Promise<Response> {
  const panel = panels.find(({ entry, hash }) => hash && splat.startsWith(`${entry.package}/${hash}/`));
  if (!panel?.root || !panel.hash) return missing();
  const name = splat.slice(panel.entry.package.length + panel.hash.length + 2);
  if (!name || name.includes('\0')) return missing();
  const type = TYPES[path.extname(name)];
  let file: string;
  try {
    file = realpathSync(path.join(panel.root, name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return missing();
    throw error;
  }
  if (!type || !file.startsWith(panel.root + path.sep) || !statSync(file).isFile()) return missing();
  // The files of a panel were all read for its hash, so each fits into memory.
  return new Response(new Uint8Array(await readFile(file)), {
    headers: {
      'Content-Type': type,
      'X-Content-Type-Options': 'nosniff',
      // A picture that is opened as a page of its own runs nothing.
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'Cache-Control': name.endsWith('.json') ? 'no-cache' : 'public, max-age=31536000, immutable',
    },
  });
}
