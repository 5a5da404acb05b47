import { z } from 'zod';
import { isExactVersion, packageNameFault } from './package-name.ts';
import { connectorInfoSchema, type ConnectorBuild } from './worker-api.ts';

/** The name of a package in an npm registry. */
export const packageNameSchema = z.string().superRefine((name, context) => {
  const fault = packageNameFault(name);
  if (fault !== null) context.addIssue({ code: 'custom', message: fault });
});

const fromRegistry = z.strictObject({
  package: packageNameSchema,
  version: z
    .string()
    .refine(
      isExactVersion,
      'Give one exact version, for example 1.2.0: a range or a tag could bring another one tomorrow.',
    ),
});

/**
 * What to install: a package of the registry by name and exact version, a packed file (the id of an upload, or the absolute
 * path of a `.tgz` on the server), or the absolute path of a package's folder on the server.
 */
export const connectorInstallSchema = z
  .strictObject({
    package: packageNameSchema.optional(),
    version: fromRegistry.shape.version.optional(),
    tarball: z.string().min(1).max(1000).optional(),
    folder: z.string().min(1).max(1000).optional(),
  })
  .superRefine((body, context) => {
    const ways = [body.package, body.tarball, body.folder].filter((one) => one !== undefined);
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (ways.length !== 1)
      fault('package', 'Say what to install: either "package" with "version", or "tarball", or "folder".');
    else if (body.package !== undefined && body.version === undefined)
      fault('version', 'Name the exact version as well, for example 1.2.0.');
    else if (body.package === undefined && body.version !== undefined)
      fault('version', 'A file or a folder says its version itself. Leave it out.');
  })
  .meta({ id: 'ConnectorInstall' });
export type ConnectorInstall = z.infer<typeof connectorInstallSchema>;

/** Every step of an installation, in order. */
export const installStepNames = ['wait', 'look-up', 'download', 'check', 'dependencies', 'try', 'switch'] as const;
export type InstallStepName = (typeof installStepNames)[number];

/** A package that was installed: its first connector as in the list, and all of them. */
export const installedConnectorSchema = connectorInfoSchema
  .extend({
    connectors: z.array(connectorInfoSchema),
    /** What should be known about it, for example a script that was not run. */
    notes: z.array(z.string()),
  })
  .meta({ id: 'InstalledConnector' });
export type InstalledConnector = z.infer<typeof installedConnectorSchema>;

/** An event of an installation that is followed: a step that begins, or the end. */
export const installEventSchema = z
  .object({
    step: z.enum(installStepNames).optional(),
    /** What is going on, for a person. */
    message: z.string().optional(),
    /** What was installed: the last event. */
    installed: installedConnectorSchema.optional(),
  })
  .meta({ id: 'ConnectorInstallEvent' });
export type InstallEvent = z.infer<typeof installEventSchema>;

/** A package of the registry that says of itself that it is a connector. */
export const connectorPackageSchema = z
  .object({
    package: z.string(),
    /** The newest. */
    version: z.string(),
    description: z.string(),
    publisher: z.string().nullable(),
    /** When the newest version was published. */
    date: z.string().nullable(),
    /** The version that is installed here, or null. */
    installed: z.string().nullable(),
  })
  .meta({ id: 'ConnectorPackage' });
export type ConnectorPackage = z.infer<typeof connectorPackageSchema>;

const lockedVersionSchema = z.looseObject({
  version: z.string().min(1),
  /** Folder of the package, relative to the data directory, or absolute. */
  path: z.string().min(1),
  /** Of the packed file, as npm writes it: `sha512-…`. */
  integrity: z.string().optional(),
  from: z.enum(['registry', 'tarball', 'folder']).optional(),
  installed_at: z.string().optional(),
});
export type LockedVersion = z.infer<typeof lockedVersionSchema>;

/** What tells one build of a version from another. */
export function buildOf({ version, integrity, installed_at: at }: LockedVersion): ConnectorBuild {
  const hash = integrity?.startsWith('sha512-') ? integrity.slice('sha512-'.length) : null;
  return { version, installed_at: at ?? null, checksum: hash?.replace(/[^A-Za-z0-9]/g, '').slice(0, 8) ?? null };
}

/** `connectors.lock.json` of the data directory: all that says which connectors are there, besides the built-in ones. */
export const connectorsLockSchema = z.looseObject({
  connectors: z.array(
    lockedVersionSchema.extend({
      name: z.string().min(1),
      /** The version before, kept for going back and for runs that began with it. */
      previous: lockedVersionSchema.nullable().optional(),
    }),
  ),
});
export type ConnectorsLock = z.infer<typeof connectorsLockSchema>;
export type LockedConnector = ConnectorsLock['connectors'][number];

/** Name of the lock file in the data directory. */
export const CONNECTORS_LOCK = 'connectors.lock.json';
