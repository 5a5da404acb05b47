import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, readdir, rename, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PROBLEM_BASE, ProblemError, type ConnectorInstall } from '@kalla/core';
import { services } from '../services.server.ts';
import { findUpload } from '../uploads/upload-repository.server.ts';
import type { OnStep } from './install-connector.server.ts';
import { npm, registryInWords } from './npm.server.ts';
import { refuse, sizeInWords } from './refuse.server.ts';

/** What is known of a package before it is looked into. */
export interface Obtained {
  /** What was asked for by name. */
  named?: { name: string; version: string };
  /** What the registry says the packed file hashes to. */
  integrity?: string;
}

interface Options {
  /** The staging folder. */
  home: string;
  signal: AbortSignal;
  onStep: OnStep;
}

/** Brings the packed file of what is asked for to `target`. */
export async function obtainPackage(request: ConnectorInstall, target: string, options: Options): Promise<Obtained> {
  if (request.package !== undefined) return fromRegistry(request.package, request.version ?? '', target, options);
  if (request.tarball !== undefined) return fromTarball(request.tarball, target, options);
  return fromFolder(request.folder ?? '', target, options);
}

async function fromRegistry(name: string, version: string, target: string, options: Options): Promise<Obtained> {
  const { home, signal, onStep } = options;
  onStep('look-up', `Asking the registry for ${name} ${version}.`);
  const spec = `${name}@${version}`;
  const fields = ['name', 'version', 'dist'];
  const found = await npm({ args: ['view'], names: [spec, ...fields], cwd: home, home, signal }).catch(
    async (error: unknown) => {
      throw await withVersions(error, name, version, options);
    },
  );
  const { dist } = (Array.isArray(found) ? found.at(-1) : (found ?? {})) as {
    dist?: { integrity?: string; unpackedSize?: unknown };
  };
  if (!dist) throw refuse(`${registryInWords()} does not have ${name} ${version}.`);
  const most = services().env.maxConnectorBytes;
  if (typeof dist.unpackedSize === 'number' && dist.unpackedSize > most)
    throw refuse(
      `${name} ${version} is ${sizeInWords(dist.unpackedSize)} large. This Kalla installs at most ${sizeInWords(most)} (KALLA_MAX_CONNECTOR_BYTES). Nothing was downloaded.`,
    );
  onStep('download', `Downloading ${name} ${version}.`);
  await pack(spec, target, options);
  return { named: { name, version }, ...(dist.integrity?.includes('sha512-') ? { integrity: dist.integrity } : {}) };
}

/** Adds to "not in that version" which versions there are. */
async function withVersions(
  error: unknown,
  name: string,
  version: string,
  { home, signal }: Options,
): Promise<unknown> {
  if (!(error instanceof ProblemError) || !error.problem.detail.includes('does not have the package')) return error;
  let versions: unknown;
  try {
    versions = await npm({ args: ['view'], names: [name, 'versions'], cwd: home, home, signal });
  } catch (cause) {
    if (!(cause instanceof ProblemError) || cause.problem.type !== `${PROBLEM_BASE}validation`) throw cause;
    return refuse(`${registryInWords()} has no package ${name}.`, error);
  }
  const all = (Array.isArray(versions) ? versions : [versions]).filter((one) => typeof one === 'string');
  const newest = all.slice(-5).reverse().join(', ');
  return refuse(
    `${registryInWords()} has ${name}, but not in version ${version}. ${newest ? `Its newest: ${newest}.` : ''}`.trim(),
    error,
  );
}

/** Packs a package of the registry, or a folder, and puts the file to `target`. */
async function pack(spec: string, target: string, { home, signal }: Options): Promise<void> {
  const folder = join(home, 'packed');
  await mkdir(folder);
  await npm({ args: ['pack', `--pack-destination=${folder}`], names: [spec], cwd: home, home, signal });
  const [file] = await readdir(folder);
  if (!file) throw refuse('npm packed nothing.');
  await rename(join(folder, file), target);
}

async function fromTarball(given: string, target: string, { signal, onStep }: Options): Promise<Obtained> {
  const { db, store, env } = services();
  const uploadId = /^(?:\/?api\/uploads\/)?(u_[0-9a-f]+)$/.exec(given)?.[1];
  onStep('download', 'Taking in the file.');
  if (uploadId !== undefined) {
    const row = await findUpload(db, uploadId);
    if (!row) throw refuse(`There is no upload "${uploadId}". Files are kept for 24 hours; upload it again.`);
    if (row.bytes > env.maxConnectorBytes) throw tooLarge(row.bytes);
    await pipeline(store.get(row.objectKey), createWriteStream(target), { signal });
    return {};
  }
  const { size } = await placeOf(given, 'file');
  if (size > env.maxConnectorBytes) throw tooLarge(size);
  await copyFile(given, target);
  return {};
}

async function fromFolder(folder: string, target: string, options: Options): Promise<Obtained> {
  await placeOf(folder, 'folder');
  if (!(await stat(join(folder, 'package.json')).catch(() => null)))
    throw refuse(`${folder} is not the folder of a package: it has no package.json.`);
  options.onStep('download', 'Packing the folder.');
  await pack(folder, target, options);
  return {};
}

async function placeOf(path: string, kind: 'file' | 'folder'): Promise<{ size: number }> {
  const what = kind === 'file' ? 'packed file' : 'folder';
  if (!isAbsolute(path) || path.includes('\0'))
    throw refuse(
      `The ${what} is named by its whole path on the server${kind === 'file' ? ', or by the id of an upload' : ''}.`,
    );
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw refuse(`There is no ${what} ${path} that this server can read (${error.code ?? 'unknown'}).`, error);
  });
  if (kind === 'file' ? !info.isFile() : !info.isDirectory()) throw refuse(`${path} is not a ${kind}.`);
  return { size: info.size };
}

function tooLarge(bytes: number) {
  const most = services().env.maxConnectorBytes;
  return refuse(
    `The file is ${sizeInWords(bytes)} large. This Kalla installs at most ${sizeInWords(most)} (KALLA_MAX_CONNECTOR_BYTES).`,
  );
}
