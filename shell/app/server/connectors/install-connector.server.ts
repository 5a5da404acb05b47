import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, posix, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  ProblemError,
  type ConnectorInfo,
  type ConnectorInstall,
  type InstalledConnector,
  type InstallStepName,
  type LockedConnector,
  type LockedVersion,
} from '@kalla/core';
import { services } from '../services.server.ts';
import { checkManifest, type CheckedManifest } from './check-manifest.server.ts';
import { checkPanels } from './check-panels.server.ts';
import { makeStaging, packagePath, treeOf } from './folders.server.ts';
import { obtainPackage } from './obtain-package.server.ts';
import { lockedOf, readLock, withEntry, writeLock } from './lock-file.server.ts';
import { npm } from './npm.server.ts';
import { linkProvided, writeStandIns } from './provided.server.ts';
import { refuse } from './refuse.server.ts';
import { inspectTarball } from './tarball.server.ts';
import { tidyUnused } from './tidy-unused.server.ts';
import { trySuccessor } from './users-stay.server.ts';

/** Tells a person what an installation is doing. */
export type OnStep = (step: InstallStepName, message: string) => void;

/**
 * Installs a connector's package, or another version of one that is there. Everything is tried in a staging folder; the lock file,
 * which alone says what is installed, is changed in one step at the end. Whatever goes wrong before leaves all as it was.
 *
 * @throws ProblemError `validation` with one sentence that says why it cannot be installed; `cancelled`
 */
export async function installConnector(
  request: ConnectorInstall,
  signal: AbortSignal,
  onStep: OnStep = () => undefined,
): Promise<InstalledConnector> {
  const { installs } = services();
  if (installs.busy) onStep('wait', 'Another installation has to end first.');
  return installs.run(() => install(request, signal, onStep), signal);
}

async function install(request: ConnectorInstall, signal: AbortSignal, onStep: OnStep): Promise<InstalledConnector> {
  const { env, log } = services();
  readLock(env.dataDir); // A damaged one is told before anything is downloaded.
  const staging = await makeStaging(env.dataDir);
  try {
    const tarball = join(staging, 'package.tgz');
    const asked = await obtainPackage(request, tarball, { home: staging, signal, onStep });
    onStep('check', 'Looking at what the package says of itself.');
    const packed = await inspectTarball(createReadStream(tarball), env.maxConnectorBytes);
    const checked = checkManifest(packed.manifest, asked.named);
    const integrity = await integrityOf(tarball);
    if (asked.integrity !== undefined && !asked.integrity.split(/\s+/).includes(integrity))
      throw refuse(
        'What was downloaded is not what the registry says it is (its checksum differs). It was thrown away.',
      );

    const entry: LockedVersion = {
      version: checked.version,
      path: packagePath(treeOf(checked.name, checked.version, integrity), checked.name),
      integrity,
      from: request.package !== undefined ? 'registry' : request.tarball !== undefined ? 'tarball' : 'folder',
      installed_at: new Date().toISOString(),
    };
    const before = lockedOf(readLock(env.dataDir), checked.name);
    const present = before?.path === entry.path ? await workingInfo(checked.name, checked.version) : null;
    if (present) return answerOf(present, notesOf(checked, []));

    onStep('dependencies', 'Installing what it depends on. Scripts of packages are not run.');
    const scripted = await installTree(staging, checked, signal);
    checkPanels(join(staging, 'node_modules', checked.name), checked.name, checked.version, checked.kalla);
    onStep('try', 'Loading it in a process of its own, to see whether it works.');
    const path = packagePath(stagedTree(staging), checked.name);
    const connectors = await trySuccessor({ name: checked.name, version: checked.version, path }, signal);
    signal.throwIfAborted();

    onStep('switch', 'Putting it in its place.');
    await moveInto(staging, join(env.dataDir, treeOf(checked.name, checked.version, integrity)), before, entry);
    await writeLock(env.dataDir, withEntry(readLock(env.dataDir), lockEntry(checked.name, entry, before)));
    await tidyUnused();
    log.info({ package: checked.name, version: checked.version, from: entry.from }, 'a connector was installed');
    const done = await workingInfo(checked.name, checked.version);
    return answerOf(done ?? connectors, notesOf(checked, scripted));
  } catch (error) {
    if (signal.aborted && !(error instanceof ProblemError && error.problem.status === 422))
      throw new ProblemError('cancelled', 'The installation was cancelled. Nothing was changed.', undefined, error);
    throw error;
  } finally {
    await rm(staging, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Has npm lay out the package with all it depends on. Returns the names of dependencies whose install scripts were not run. */
async function installTree(staging: string, { name }: CheckedManifest, signal: AbortSignal): Promise<string[]> {
  const standIns = join(staging, 'stand-ins');
  const dependencies = { [name]: `file:${join(staging, 'package.tgz')}`, ...(await writeStandIns(standIns)) };
  await writeFile(join(staging, 'package.json'), JSON.stringify({ private: true, dependencies }, null, 2));
  await npm({ args: ['install', '--omit=dev', '--no-bin-links'], cwd: staging, home: staging, signal });
  await linkProvided(staging);
  const lock = JSON.parse(await readFile(join(staging, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  for (const name of ['stand-ins', 'cache', 'package.tgz'])
    await rm(join(staging, name), { recursive: true, force: true });
  const prefix = 'node_modules/';
  return Object.entries(lock.packages)
    .filter(([path, info]) => info.hasInstallScript && path !== prefix + name)
    .map(([path]) => path.slice(path.lastIndexOf(prefix) + prefix.length));
}

function stagedTree(staging: string): string {
  return relative(services().env.dataDir, staging).split(/[\\/]/).join(posix.sep);
}

/** The connectors of a package as the worker lists them now; null where it does not, or not all are well. */
async function workingInfo(name: string, version: string): Promise<ConnectorInfo[] | null> {
  const all = await services().worker.connectors();
  const found = all.filter((one) => one.package === name && one.version === version && !one.builtin);
  return found.length > 0 && found.every((one) => one.error === null) ? found : null;
}

async function moveInto(
  staging: string,
  place: string,
  before: LockedConnector | undefined,
  entry: LockedVersion,
): Promise<void> {
  // The version that can be gone back to may be this very one, and runs may be reading with it.
  if (before?.previous?.path === entry.path && (await exists(place))) return;
  await mkdir(dirname(place), { recursive: true });
  await rm(place, { recursive: true, force: true });
  await rename(staging, place);
}

/** The new entry. What was in use becomes what can be gone back to; the same version once more keeps what that was. */
function lockEntry(name: string, entry: LockedVersion, before: LockedConnector | undefined): LockedConnector {
  if (!before) return { name, ...entry, previous: null };
  const { name: _name, previous, ...present } = before;
  return { name, ...entry, previous: present.path === entry.path ? (previous ?? null) : present };
}

function notesOf({ scripts }: CheckedManifest, dependencies: string[]): string[] {
  const own = scripts.filter((script) => script !== 'prepare');
  return [
    ...(own.length > 0
      ? [
          `It has ${own.length === 1 ? 'a script' : 'scripts'} for its installation (${own.join(', ')}), which ${own.length === 1 ? 'was' : 'were'} not run.`,
        ]
      : []),
    ...(dependencies.length > 0
      ? [
          `It depends on packages with a script for their installation, which was not run: ${dependencies.slice(0, 10).join(', ')}.`,
        ]
      : []),
  ];
}

function answerOf(connectors: ConnectorInfo[], notes: string[]): InstalledConnector {
  const [first] = connectors;
  if (!first) throw new Error('A package without connectors was installed.');
  return { ...first, connectors, notes };
}

async function integrityOf(file: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  return `sha512-${hash.digest('base64')}`;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
