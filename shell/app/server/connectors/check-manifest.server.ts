import { acceptsApi, isExactVersion, packageNameFault, pluginManifestSchema, type PluginManifest } from '@kalla/core';
import semver from 'semver';
import { assertFits } from './provided.server.ts';
import { refuse } from './refuse.server.ts';

/** What of a package's package.json counts for its installation. */
export interface CheckedManifest {
  name: string;
  version: string;
  kalla: PluginManifest;
  /** Scripts that npm would run after or before it unpacks the package. They are not run here. */
  scripts: string[];
}

const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare'];

/**
 * Checks a package.json before anything of the package is unpacked.
 *
 * @param asked what was asked for; a package that says something else of itself is refused
 * @throws ProblemError with one sentence
 */
export function checkManifest(
  manifest: Record<string, unknown>,
  asked?: { name: string; version: string },
): CheckedManifest {
  const { name, version } = manifest;
  if (typeof name !== 'string') throw refuse('Its package.json has no name.');
  const nameFault = packageNameFault(name);
  if (nameFault !== null) throw refuse(`Its package.json has a name that cannot be. ${nameFault}`);
  if (typeof version !== 'string' || !isExactVersion(version))
    throw refuse('Its package.json has no version such as 1.2.0.');
  if (asked && (asked.name !== name || asked.version !== version))
    throw refuse(
      `Asked for was ${asked.name} ${asked.version}, but its package.json says that it is ${name} ${version}.`,
    );
  if (manifest.kalla === undefined) throw refuse('It is no connector: its package.json has no "kalla" block.');
  const parsed = pluginManifestSchema.safeParse(manifest.kalla);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = issue?.path.length ? ` at "${issue.path.join('.')}"` : '';
    throw refuse(
      `The "kalla" block of its package.json is not valid${place}: ${issue?.message ?? 'unknown'}.`.replace(
        /\.\.$/,
        '.',
      ),
    );
  }
  const kalla = parsed.data;
  if (!acceptsApi(kalla.api))
    throw refuse(`It was written for connector API ${kalla.api.slice(0, 40)}; this Kalla has 1.0.0.`);
  if (kalla.connectors.length === 0) throw refuse('It is no connector: its "kalla" block names none.');
  const { node } = (manifest.engines ?? {}) as { node?: unknown };
  if (typeof node === 'string' && semver.validRange(node) && !semver.satisfies(process.version, node))
    throw refuse(`It needs Node ${node.slice(0, 60)}, and this Kalla runs on ${process.version.slice(1)}.`);
  assertFits(manifest);
  assertFromRegistry(manifest);
  const scripts = Object.keys((manifest.scripts ?? {}) as object);
  return { name, version, kalla, scripts: INSTALL_SCRIPTS.filter((script) => scripts.includes(script)) };
}

/** What it depends on comes from the registry and has a checksum; addresses, folders and git have none. */
function assertFromRegistry(manifest: Record<string, unknown>): void {
  for (const field of ['dependencies', 'optionalDependencies', 'peerDependencies'] as const) {
    for (const [name, spec] of Object.entries((manifest[field] ?? {}) as Record<string, unknown>)) {
      if (typeof spec === 'string' && !/[:/\\]/.test(spec.replace(/^npm:/, '').replace(/^@[^/]+\//, ''))) continue;
      throw refuse(
        `It depends on "${name.slice(0, 60)}" by an address or a folder. A connector depends on packages of the registry only.`,
      );
    }
  }
}
