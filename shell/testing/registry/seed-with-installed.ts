import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import semver from 'semver';
import { packPackage, type PackedFixture } from './pack-package.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

interface Locked {
  link?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

/**
 * Lays packages that are installed here, with all they depend on, into the storage of a verdaccio, so that an author's `npm install`
 * finds them in a registry that knows no other. They are the very files of `node_modules`; what is for other platforms is absent, as
 * npm allows. Publishing them one by one over HTTP takes several times as long.
 */
export function seedWithInstalled(names: readonly string[], storage: string): void {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const wanted = new Set<string>();
  const add = (from: string, name: string) => {
    const path = placeOf(packages, from, name);
    if (path === null || packages[path]?.link || wanted.has(path) || !exists(join(ROOT, path))) return;
    wanted.add(path);
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = packages[path] ?? {};
    for (const one of Object.keys({ ...dependencies, ...optionalDependencies })) add(path, one);
    for (const one of Object.keys(peerDependencies ?? {})) if (!peerDependenciesMeta?.[one]?.optional) add(path, one);
  };
  for (const name of names) add('', name);
  const versions = new Map<string, Map<string, PackedFixture>>();
  for (const path of wanted) {
    const packed = packInstalled(join(ROOT, path));
    const { name, version } = packed.manifest;
    // The same version may lie in two places.
    versions.set(name, (versions.get(name) ?? new Map<string, PackedFixture>()).set(version, packed));
  }
  for (const [name, packed] of versions) store(join(storage, name), name, packed);
}

/** Where node finds `name` from a package at `from`, as the lock file writes places; null where it is not installed. */
function placeOf(packages: Record<string, Locked>, from: string, name: string): string | null {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const path = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (packages[path]) return path;
    if (at === '') return null;
  }
}

/** As verdaccio keeps a package: one file about all versions, and the packed files beside it. */
function store(folder: string, name: string, packed: ReadonlyMap<string, PackedFixture>): void {
  mkdirSync(folder, { recursive: true });
  const versions: Record<string, unknown> = {};
  const attachments: Record<string, unknown> = {};
  for (const [version, { manifest, tarball, integrity }] of packed) {
    const file = `${name.split('/').at(-1)}-${version}.tgz`;
    const shasum = createHash('sha1').update(tarball).digest('hex');
    // The registry puts its own address in the place of this one.
    const dist = { integrity, shasum, tarball: `http://127.0.0.1/${name}/-/${file}` };
    versions[version] = { ...manifest, _id: `${name}@${version}`, dist };
    attachments[file] = { shasum };
    writeFileSync(join(folder, file), tarball);
  }
  const latest = [...packed.keys()].sort(semver.compare).at(-1);
  const about = {
    _id: name,
    name,
    versions,
    time: {},
    users: {},
    'dist-tags': { latest },
    _uplinks: {},
    _distfiles: {},
  };
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ ...about, _attachments: attachments, _rev: '1-0', readme: '' }),
  );
}

function packInstalled(folder: string): PackedFixture {
  const files: Record<string, Buffer> = {};
  const programs = new Set<string>();
  const walk = (at: string) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules') walk(path);
      } else if (entry.isFile() && !entry.name.endsWith('.map')) {
        const name = relative(folder, path).split(sep).join('/');
        files[name] = readFileSync(path);
        if (statSync(path).mode & 0o100) programs.add(name);
      }
    }
  };
  walk(folder);
  const manifest = JSON.parse((files['package.json'] ?? '').toString()) as PackedFixture['manifest'];
  delete files['package.json'];
  return packPackage(manifest, files, programs);
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
