import { readFileSync, realpathSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import semver from 'semver';
import { refuse } from './refuse.server.ts';

/** What Kalla brings along for every connector, so that it is there once and in the version that this Kalla has. */
const NAMES = ['@kalla/core', 'zod', 'apache-arrow'] as const;

/** A package of this installation that connectors get from it. */
export interface Provided {
  name: string;
  version: string;
  /** Its folder, links resolved. */
  folder: string;
}

/** The packages that Kalla brings along, as they are in this installation. */
export function providedPackages(): Provided[] {
  const core = dirname(realpathSync(createRequire(import.meta.url).resolve('@kalla/core/package.json')));
  return NAMES.map((name) => {
    const folder = name === '@kalla/core' ? core : folderOf(name, core);
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { name, version, folder };
  });
}

/** As node looks for it; a package need not let its package.json be imported. */
function folderOf(name: string, from: string): string {
  for (let at = from; ; at = dirname(at)) {
    try {
      return dirname(realpathSync(join(at, 'node_modules', name, 'package.json')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || at === dirname(at)) throw error;
    }
  }
}

/**
 * Says what of Kalla's own a package needs in another version than there is. @kalla/core has to fit, wherever it is named;
 * of the others a package may bring a version of its own as a dependency.
 */
export function assertFits(manifest: Record<string, unknown>): void {
  const ranges = (field: string) => (manifest[field] ?? {}) as Record<string, unknown>;
  for (const { name, version } of providedPackages()) {
    const fields = name === '@kalla/core' ? ['peerDependencies', 'dependencies'] : ['peerDependencies'];
    for (const range of fields.map((field) => ranges(field)[name])) {
      if (typeof range !== 'string' || semver.satisfies(version, range, { includePrerelease: true })) continue;
      throw refuse(`It needs ${name} ${range.slice(0, 60)}, this Kalla has ${version}.`);
    }
  }
}

/**
 * Puts a stand-in for each provided package into `folder`, and returns them as dependencies. npm then takes the versions of this
 * Kalla into account when it resolves everything else, and asks no registry for them.
 */
export async function writeStandIns(folder: string): Promise<Record<string, string>> {
  await mkdir(folder, { recursive: true });
  const dependencies: Record<string, string> = {};
  for (const { name, version } of providedPackages()) {
    const file = join(folder, `${name.replace(/\W+/g, '-')}.tgz`);
    await writeFile(file, packed(JSON.stringify({ name, version })));
    dependencies[name] = `file:${file}`;
  }
  return dependencies;
}

/** Links the provided packages into an installed tree, in place of their stand-ins or of what another installation linked. */
export async function linkProvided(root: string): Promise<void> {
  for (const { name, folder } of providedPackages()) {
    const place = join(root, 'node_modules', name);
    if (isLinkedTo(place, folder)) continue;
    await rm(place, { recursive: true, force: true });
    await mkdir(dirname(place), { recursive: true });
    await symlink(folder, place, 'junction');
  }
}

function isLinkedTo(place: string, folder: string): boolean {
  try {
    return realpathSync(place) === folder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** A tar file with one package.json in it, gzipped. */
function packed(manifest: string): Buffer {
  const content = Buffer.from(manifest);
  const header = Buffer.alloc(512);
  header.write('package/package.json', 0);
  header.write('0000644\0' + '0000000\0' + '0000000\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0`, 124);
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return gzipSync(Buffer.concat([header, content, padding, Buffer.alloc(1024)]));
}
