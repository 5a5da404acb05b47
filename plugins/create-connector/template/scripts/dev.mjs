/**
 * `npm run dev`: builds at every change and loads what was built into a running Kalla, without a restart of it.
 * KALLA_URL says where it runs, http://127.0.0.1:3000 where it is not set. Ctrl-C ends it; the connector stays installed.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'tsup';

const kalla = (process.env.KALLA_URL ?? 'http://127.0.0.1:3000').replace(/\/+$/, '');
const folder = resolve(import.meta.dirname, '..');
/** Milliseconds that an installation may take. */
const DEADLINE_MS = 10 * 60_000;
/** A save during an installation waits for its end. */
let last = Promise.resolve();

/** A connector that brings a panel has a script that builds it. */
const panelScript = resolve(import.meta.dirname, 'build-panel.mjs');

await build({
  watch: ['src', 'panel', 'package.json'].filter((path) => existsSync(resolve(folder, path))),
  silent: true,
  onSuccess: () => (last = last.then(load)),
});

async function load() {
  const began = performance.now();
  try {
    await writeSchema();
    if (existsSync(panelScript)) await (await import(pathToFileURL(panelScript).href)).buildPanel();
    const answer = await fetch(`${kalla}/api/connectors`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ folder }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const body = await answer.json();
    if (!answer.ok) return say(`Not loaded. ${body.detail ?? `${kalla} answered ${answer.status}.`}`);
    say(`Loaded ${body.package} ${body.version} into ${kalla} in ${Math.round(performance.now() - began)} ms.`);
  } catch (error) {
    // A mistake while typing, or a Kalla that is being started: the next save tries again.
    if (error instanceof TypeError) say(`Not loaded. No Kalla answers at ${kalla}: start it, or set KALLA_URL.`);
    else say(`Not loaded. ${error.message}`);
  }
}

function writeSchema() {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [resolve(import.meta.dirname, 'write-config-schema.mjs'), folder], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? done() : reject(new Error('The config schema could not be written; the reason is above.')),
    );
  });
}

function say(text) {
  process.stdout.write(`${new Date().toLocaleTimeString()} ${text}\n`);
}
