import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep, isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pluginManifestSchema, type ConnectorInfo, type ConnectorManifest } from '@kalla/core';
import { z } from 'zod';
import { acceptsApi } from './api-version.ts';

/** A connector that is installed, with what is needed to load it. */
export interface FoundConnector {
  info: ConnectorInfo;
  /** Absolute path of the entry module. */
  entry: string;
  /** First bytes of its files, as text. */
  magic: string[];
  /** The connector says itself what is wrong with a file of another format. */
  explains: boolean;
}

/** `connectors.lock.json` of the data directory; see README.md. */
const lockSchema = z.object({
  connectors: z.array(z.looseObject({ name: z.string().min(1), version: z.string().min(1), path: z.string().min(1) })),
});

const packageSchema = z.looseObject({
  name: z.string().min(1),
  version: z.string().min(1),
  kalla: z.unknown().optional(),
});

/**
 * Lists the installed connectors: the packages in `pluginsDir` (built in), then those of `connectors.lock.json` in `dataDir`.
 * Nothing is loaded. A package that cannot be used is listed with `info.error` and never keeps another one out.
 */
export async function discoverConnectors(options: { pluginsDir?: string; dataDir: string }): Promise<FoundConnector[]> {
  const builtin = await readBuiltin(options.pluginsDir ?? (await defaultPluginsDir()));
  const installed = await readLock(options.dataDir);
  return markTwins([...builtin, ...installed]);
}

/** `plugins/connectors` beside the worker's package, wherever that lies. */
async function defaultPluginsDir(): Promise<string> {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!(await isWorkerPackage(folder))) {
    const above = dirname(folder);
    if (above === folder)
      throw new Error('The folder of the @kalla/worker package is not found. Set KALLA_PLUGINS_DIR.');
    folder = above;
  }
  return resolve(folder, '..', 'plugins', 'connectors');
}

async function isWorkerPackage(folder: string): Promise<boolean> {
  const text = await readOptional(join(folder, 'package.json'));
  return text !== null && (JSON.parse(text) as { name?: string }).name === '@kalla/worker';
}

async function readBuiltin(folder: string): Promise<FoundConnector[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const found = entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map((entry) => entry.name)
    .sort()
    .map((name) => readPackage({ folder: join(folder, name), label: name, builtin: true }));
  return (await Promise.all(found)).flat();
}

async function readLock(dataDir: string): Promise<FoundConnector[]> {
  const file = join(dataDir, 'connectors.lock.json');
  const text = await readOptional(file);
  if (text === null) return [];
  let lock: z.infer<typeof lockSchema>;
  try {
    lock = lockSchema.parse(JSON.parse(text));
  } catch {
    const error =
      'connectors.lock.json in the data directory is damaged: no installed connector is loaded. Restore it, or install the connectors again.';
    return [broken({ label: 'connectors.lock.json', version: '0.0.0', builtin: false }, error)];
  }
  const found = lock.connectors.map((entry) =>
    readPackage({ folder: resolve(dataDir, entry.path), label: entry.name, builtin: false, expected: entry }),
  );
  return (await Promise.all(found)).flat();
}

interface PackageSource {
  folder: string;
  /** Name for messages while the package's own is not known. */
  label: string;
  builtin: boolean;
  expected?: { name: string; version: string };
}

async function readPackage(source: PackageSource): Promise<FoundConnector[]> {
  const about = { label: source.label, version: source.expected?.version ?? '0.0.0', builtin: source.builtin };
  try {
    const text = await readOptional(join(source.folder, 'package.json'));
    if (text === null) {
      // A folder without a package.json beside the built-ins is no package; one in the lock file is missing.
      return source.expected ? [broken(about, 'Its files are missing. Install it again.')] : [];
    }
    const parsed = packageSchema.safeParse(parseJson(text, 'package.json'));
    if (!parsed.success) return [broken(about, `Its package.json ${sentenceOf(parsed.error)}`)];
    const found = parsed.data;
    if (found.kalla === undefined)
      return source.expected ? [broken(about, 'It has no "kalla" block, so it is no connector.')] : [];
    const named = { label: found.name, version: found.version, builtin: source.builtin };
    if (source.expected && (source.expected.name !== found.name || source.expected.version !== found.version)) {
      const wanted = `${source.expected.name} ${source.expected.version}`;
      return [
        broken(named, `The lock file names ${wanted}, but ${found.name} ${found.version} is there. Install it again.`),
      ];
    }
    const manifest = pluginManifestSchema.safeParse(found.kalla);
    if (!manifest.success)
      return [broken(named, `The "kalla" block of its package.json ${sentenceOf(manifest.error)}`)];
    if (!acceptsApi(manifest.data.api)) {
      return [broken(named, `It was written for connector API ${manifest.data.api}; this Kalla has 1.0.0.`)];
    }
    return await Promise.all(
      manifest.data.connectors.map((connector) => readConnector(source.folder, named, connector)),
    );
  } catch (error) {
    return [broken(about, error instanceof ManifestError ? error.message : 'Its files cannot be read.')];
  }
}

async function readConnector(
  folder: string,
  about: { label: string; version: string; builtin: boolean },
  connector: ConnectorManifest,
): Promise<FoundConnector> {
  const result: FoundConnector = {
    entry: '',
    magic: connector.magic,
    explains: connector.explains,
    info: {
      type: connector.id,
      title: connector.title,
      package: about.label,
      version: about.version,
      builtin: about.builtin,
      kind: connector.kind ?? (connector.extensions.length > 0 ? 'file' : 'database'),
      schemes: connector.schemes,
      extensions: connector.extensions,
      config_schema: {},
      panel: connector.panels.find((panel) => panel.slot === 'source.setup') ?? null,
      error: null,
    },
  };
  try {
    result.entry = await fileOf(folder, connector.entry, about.builtin);
    const text = await readFile(await fileOf(folder, connector.configSchema, about.builtin), 'utf8');
    const schema = z.record(z.string(), z.unknown()).safeParse(parseJson(text, connector.configSchema));
    if (!schema.success) throw new ManifestError(`${connector.configSchema} is not a JSON Schema object.`);
    result.info.config_schema = schema.data;
  } catch (error) {
    result.info.error = error instanceof ManifestError ? error.message : `Its files cannot be read.`;
  }
  return result;
}

class ManifestError extends Error {}

/** The path of a file that a manifest names; it has to lie in the package. */
async function fileOf(folder: string, file: string, builtin: boolean): Promise<string> {
  const root = await realpath(folder);
  const path = await realpath(join(root, file)).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') throw error;
    const advice = builtin ? 'Build it with: npm run build.' : 'Install it again.';
    throw new ManifestError(`${file} is missing. ${advice}`);
  });
  const inside = relative(root, path);
  if (inside.startsWith(`..${sep}`) || inside === '..' || isAbsolute(inside))
    throw new ManifestError(`${file} lies outside of the package.`);
  if (!(await stat(path)).isFile()) throw new ManifestError(`${file} is not a file.`);
  return path;
}

/** Of two connectors with one id, the first wins; the other is shown with the reason. */
function markTwins(found: FoundConnector[]): FoundConnector[] {
  const owners = new Map<string, string>();
  for (const { info } of found) {
    if (info.error !== null) continue;
    const owner = owners.get(info.type);
    if (owner === undefined) owners.set(info.type, info.package);
    else info.error = `"${info.type}" is already the connector of ${owner}. Remove one of the two.`;
  }
  return found;
}

function broken(about: { label: string; version: string; builtin: boolean }, error: string): FoundConnector {
  return {
    entry: '',
    magic: [],
    explains: false,
    info: {
      type: about.label,
      title: about.label,
      package: about.label,
      version: about.version,
      builtin: about.builtin,
      kind: 'database',
      schemes: [],
      extensions: [],
      config_schema: {},
      panel: null,
      error,
    },
  };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ManifestError(`${file} is not valid JSON.`);
  }
}

function sentenceOf(error: z.ZodError): string {
  const issue = error.issues[0];
  return `is not valid${issue?.path.length ? ` at "${issue.path.join('.')}"` : ''}: ${issue?.message ?? 'unknown'}.`;
}

async function readOptional(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}
