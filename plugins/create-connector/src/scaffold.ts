import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Refusal, type Answers } from './answers.ts';
import { messages } from './messages.ts';

const PACKAGE = join(dirname(fileURLToPath(import.meta.url)), '..');
const TEMPLATE = join(PACKAGE, 'template');
/** What of it only a connector with a panel of its own gets. */
const PANEL_FILES = ['panel', join('scripts', 'build-panel.mjs')].map((name) => join(TEMPLATE, name));

/** Files whose real names would mean something inside this package, or that npm would not pack. */
const RENAMED: Record<string, string> = {
  '_package.json': 'package.json',
  '_tsconfig.json': 'tsconfig.json',
  'panel/_tsconfig.json': 'panel/tsconfig.json',
  _gitignore: '.gitignore',
};

/**
 * Writes the package into a new folder `answers.id` of `parent` and returns its path. All of it or nothing: it is written beside
 * its place and then renamed. What is already there is never touched.
 *
 * @throws Refusal where the folder is there already or cannot be made
 */
export async function scaffold(answers: Answers, parent: string): Promise<string> {
  const target = resolve(parent, answers.id);
  try {
    await mkdir(target);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new Refusal(code === 'EEXIST' ? messages.exists(target) : messages.cannotWrite(target, code));
  }
  // The empty folder is ours from here on, so nobody else can get in between.
  const staging = await mkdtemp(join(parent, `.${answers.id}-`));
  try {
    const wanted = (path: string) =>
      !/[\\/](node_modules|dist)$/.test(path) && (answers.panel || !PANEL_FILES.includes(path));
    await cp(TEMPLATE, staging, { recursive: true, filter: wanted });
    for (const [from, to] of Object.entries(RENAMED))
      if (existsSync(join(staging, from))) await rename(join(staging, from), join(staging, to));
    await fillIn(staging, answers);
    for (const name of await readdir(staging)) await rename(join(staging, name), join(target, name));
  } catch (error) {
    await rm(target, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return target;
}

async function fillIn(folder: string, answers: Answers): Promise<void> {
  const names: Record<string, string> = {
    'kalla-connector-my-source': answers.packageName,
    'my-source': answers.id,
    'My source': answers.title,
  };
  const places = new RegExp(Object.keys(names).join('|'), 'g');
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const text = await readFile(path, 'utf8');
    await writeFile(
      path,
      text.replace(places, (name) => names[name] as string),
    );
  }
  const path = join(folder, 'package.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Manifest;
  for (const connector of manifest.kalla.connectors) connector.kind = answers.kind;
  manifest.devDependencies = await tools(answers.panel);
  if (answers.panel) withPanel(manifest);
  await writeFile(path, `${JSON.stringify(manifest, null, 2)}\n`);
}

interface Manifest {
  kalla: { connectors: { kind: string; panels: { slot: string; expose: string }[] }[] };
  scripts: Record<string, string>;
  devDependencies: Record<string, string>;
}

/** The panel is built after what the build empties the folder for, and type-checked with the types of a browser. */
function withPanel({ kalla, scripts }: Manifest): void {
  for (const connector of kalla.connectors) connector.panels = [{ slot: 'source.setup', expose: './Setup' }];
  scripts.build += ' && node scripts/build-panel.mjs';
  scripts.typecheck += ' && tsc --noEmit -p panel';
}

/** The exact versions with which this template is tested here. */
async function tools(panel: boolean): Promise<Record<string, string>> {
  const { version, kallaTemplate, kallaTemplatePanel } = JSON.parse(
    await readFile(join(PACKAGE, 'package.json'), 'utf8'),
  ) as { version: string; kallaTemplate: Record<string, string>; kallaTemplatePanel: Record<string, string> };
  const ours = ['@kalla/core', '@kalla/testkit', ...(panel ? ['@kalla/ui'] : [])];
  return {
    ...Object.fromEntries(ours.map((name) => [name, version])),
    ...kallaTemplate,
    ...(panel ? kallaTemplatePanel : {}),
  };
}
