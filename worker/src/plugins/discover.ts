import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep, isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  acceptsApi,
  buildOf,
  CONNECTORS_LOCK,
  connectorsLockSchema,
  pluginManifestSchema,
  type ConnectorInfo,
  type ConnectorManifest,
  type ConnectorsLock,
  type LockedConnector,
  type LockedVersion,
} from '@kalla/core';
import { z } from 'zod';

/** A connector that is installed, with what is needed to load it. */
export interface FoundConnector {
  info: ConnectorInfo;
  /** Absolute path of the entry module. */
  entry: string;
  /** First bytes of its files, as text. */
  magic: string[];
  /** The connector says itself what is wrong with a file of another format. */
  explains: boolean;
  /** The version before the one in use: only for jobs that name it. */
  superseded: boolean;
  /** Of the packed file that was installed, which names the build; absent where the lock file does not say it. */
  integrity?: string | undefined;
}

const packageSchema = z.looseObject({
  name: z.string().min(1),
  version: z.string().min(1),
  kalla: z.unknown().optional(),
});

/**
 * Lists the installed connectors: the packages in `pluginsDir` (built in), then those of `connectors.lock.json` in `dataDir`.
 * Nothing is loaded. A package that cannot be used is listed with `info.error` and never keeps another one out. The version
 * before an upgrade comes last, as `superseded`.
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
  const file = join(dataDir, CONNECTORS_LOCK);
  const text = await readOptional(file);
  if (text === null) return [];
  let lock: ConnectorsLock;
  try {
    lock = connectorsLockSchema.parse(JSON.parse(text));
  } catch {
    const error =
      'connectors.lock.json in the data directory is damaged: no installed connector is loaded. Restore it, or delete it and install the connectors again.';
    return [broken({ label: CONNECTORS_LOCK, version: '0.0.0', builtin: false }, error)];
  }
  const present = lock.connectors.map((entry) =>
    readPackage({
      folder: resolve(dataDir, entry.path),
      label: entry.name,
      builtin: false,
      expected: entry,
      locked: entry,
    }),
  );
  const before = lock.connectors.flatMap(({ name, previous }) =>
    previous ? [readSuperseded(resolve(dataDir, previous.path), name, previous)] : [],
  );
  return [...(await Promise.all(present)).flat(), ...(await Promise.all(before)).flat()];
}

/** One that cannot be used is left out: nobody asked for it, and going back to it tries it first. */
async function readSuperseded(
  folder: string,
  name: string,
  { version, integrity }: LockedVersion,
): Promise<FoundConnector[]> {
  const found = await readPackage({ folder, label: name, builtin: false, expected: { name, version } });
  return found.filter((one) => one.info.error === null).map((one) => ({ ...one, superseded: true, integrity }));
}

/**
 * Reads a package that is not installed yet, in the way of those that are. What is wrong is said in `info.error`.
 *
 * @param folder absolute
 */
export function readCandidate(folder: string, expected: { name: string; version: string }): Promise<FoundConnector[]> {
  return readPackage({ folder, label: expected.name, builtin: false, expected });
}

interface PackageSource {
  folder: string;
  /** Name for messages while the package's own is not known. */
  label: string;
  builtin: boolean;
  expected?: { name: string; version: string };
  /** Its entry in the lock file. */
  locked?: LockedConnector | undefined;
}

async function readPackage(source: PackageSource): Promise<FoundConnector[]> {
  const about: About = {
    label: source.label,
    version: source.expected?.version ?? '0.0.0',
    builtin: source.builtin,
    locked: source.locked,
  };
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
    const named = { ...about, label: found.name, version: found.version };
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

/** Whose connector it is, for messages and for the list. */
interface About {
  label: string;
  version: string;
  builtin: boolean;
  locked?: LockedConnector | undefined;
}

/** What the lock file says of an installed one. */
function buildsOf({ locked }: About) {
  const before = locked?.previous ?? null;
  return {
    previous_version: before?.version ?? null,
    build: locked ? buildOf(locked) : null,
    previous_build: before && buildOf(before),
  };
}

async function readConnector(folder: string, about: About, connector: ConnectorManifest): Promise<FoundConnector> {
  const result: FoundConnector = {
    entry: '',
    magic: connector.magic,
    explains: connector.explains,
    superseded: false,
    integrity: about.locked?.integrity,
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
      ...buildsOf(about),
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
  for (const { info, superseded } of found) {
    if (info.error !== null || superseded) continue;
    const owner = owners.get(info.type);
    if (owner === undefined) owners.set(info.type, info.package);
    else info.error = `"${info.type}" is already the connector of ${owner}. Remove one of the two.`;
  }
  return found;
}

function broken(about: About, error: string): FoundConnector {
  return {
    entry: '',
    magic: [],
    explains: false,
    superseded: false,
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
      ...buildsOf(about),
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
