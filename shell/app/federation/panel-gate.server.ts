import { PANEL_API_VERSION } from '@kalla/core/panel';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import semver from 'semver';
import { z } from 'zod';

const assetsSchema = z.object({ sync: z.array(z.string()).default([]), async: z.array(z.string()).default([]) });

/** The part of module federation's `mf-manifest.json` that Kalla relies on. */
export const remoteManifestSchema = z.object({
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'a name has letters, digits and underscores'),
  metaData: z.object({
    remoteEntry: z.object({ name: z.string().min(1), path: z.string().default(''), type: z.string() }),
  }),
  shared: z
    .array(z.object({ name: z.string(), requiredVersion: z.string().optional(), singleton: z.boolean().optional() }))
    .default([]),
  exposes: z.array(z.object({ path: z.string(), assets: z.object({ js: assetsSchema, css: assetsSchema }) })),
});
export type RemoteManifest = z.infer<typeof remoteManifestSchema>;

export interface GateInput {
  /** Name of the remote as the package's `kalla` block has it; where it has none, the manifest's counts. */
  remote?: string | undefined;
  expose: string;
  /** The package's `kalla.api`. */
  api: string;
  /** Path of `mf-manifest.json`. */
  manifestPath: string;
  /** Versions of what the shell shares, by module name. */
  shared: Readonly<Record<string, string>>;
}

export type GateResult = { manifest: RemoteManifest; refused: null } | { manifest: null; refused: string };

/**
 * Reads a panel's manifest and decides whether this shell can host it. A remote built against another React mounts with
 * no more than a warning in the console and fails later in ways nobody understands, so it is refused here, in words.
 */
export function checkPanel(input: GateInput): GateResult {
  const refuse = (refused: string): GateResult => ({ manifest: null, refused });

  const apiVersion = `${PANEL_API_VERSION}.0.0`;
  if (!semver.validRange(input.api)) return refuse(`Its "kalla.api" is "${input.api}", which is not a version range.`);
  if (!semver.satisfies(apiVersion, input.api)) {
    return refuse(`It needs panel API ${input.api}, this Kalla has ${apiVersion}.`);
  }

  let text: string;
  try {
    text = readFileSync(input.manifestPath, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return refuse('It has not been built: its mf-manifest.json is missing.');
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse('Its mf-manifest.json is not JSON.');
  }
  const parsed = remoteManifestSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refuse(`Its mf-manifest.json is not as expected at "${issue?.path.join('.')}": ${issue?.message}.`);
  }
  const manifest = parsed.data;

  if (input.remote !== undefined && manifest.name !== input.remote) {
    return refuse(
      `Its mf-manifest.json is for the remote "${manifest.name}", its package.json names "${input.remote}".`,
    );
  }
  if (!manifest.exposes.some((exposed) => exposed.path === input.expose)) {
    return refuse(`It does not expose ${input.expose}.`);
  }
  const { remoteEntry } = manifest.metaData;
  if (remoteEntry.type !== 'global') {
    return refuse(`Its remote entry is of type "${remoteEntry.type}"; build it as a plain script ("global").`);
  }
  const root = path.dirname(input.manifestPath);
  const entryPath = path.join(root, remoteEntry.path, remoteEntry.name);
  if (!entryPath.startsWith(root + path.sep) || !statSync(entryPath, { throwIfNoEntry: false })?.isFile()) {
    return refuse(`Its remote entry ${remoteEntry.name} is missing.`);
  }

  const shared = new Map(manifest.shared.map((module) => [module.name, module]));
  // A manifest names what is used: components without hooks need the runtime of JSX alone.
  if (!shared.has('react') && !shared.has('react/jsx-runtime'))
    return refuse('It brings a React of its own: share "react" as a singleton without a fallback.');
  for (const [name, module] of shared) {
    const here = input.shared[name];
    if (!here) return refuse(`It expects Kalla to share "${name}", which it does not.`);
    const needed = module.requiredVersion;
    if (!needed || !semver.validRange(needed)) return refuse(`It does not say which version of ${name} it needs.`);
    if (!semver.satisfies(here, needed, { includePrerelease: true })) {
      return refuse(`It needs ${name} ${needed}, this Kalla has ${here}.`);
    }
  }
  return { manifest, refused: null };
}
