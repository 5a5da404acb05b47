import { z } from 'zod';

/** A panel that a package brings: the React component `expose` of its federated remote, shown in `slot`. */
export const panelManifestSchema = z
  .object({
    slot: z.enum(['source.setup', 'recipe.build', 'run.view']),
    /** Name in the remote's `exposes`, for example `./RunViewer`. */
    expose: z.string().regex(/^\.\/[A-Za-z0-9_-]+$/),
    /** Name of the federated remote: letters, digits, underscore. Of a connector's panel it need not be said: the manifest has it. */
    remote: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_]*$/)
      .optional(),
    /**
     * Path of `mf-manifest.json` inside the package. The files of its folder, and nothing else of the package, are served to the
     * browser. Where absent, `./dist/panel/mf-manifest.json` for the panel of a connector.
     */
    manifest: z.string().startsWith('./').optional(),
    /** Source module for development inside this repository; ignored elsewhere. */
    source: z.string().startsWith('./').optional(),
  })
  .meta({ id: 'PanelManifest' });
export type PanelManifest = z.infer<typeof panelManifestSchema>;

/** Where the panel of a connector is built to, if its manifest does not say it. */
export const CONNECTOR_PANEL_MANIFEST = './dist/panel/mf-manifest.json';

/** The panel of a connector as a page gets it: the manifest's, and where the files are served. */
export const connectorPanelSchema = panelManifestSchema
  .extend({
    /** Address of the remote's entry script, on Kalla's own address. Absent where the panel cannot be shown. */
    entry: z.string().optional(),
    /** Scripts that are needed at once. */
    scripts: z.array(z.string()).optional(),
    styles: z.array(z.string()).optional(),
    /** Why it cannot be shown, as a sentence. The form that is drawn from the settings' schema is shown then. */
    refused: z.string().optional(),
  })
  .meta({ id: 'ConnectorPanel' });
export type ConnectorPanel = z.infer<typeof connectorPanelSchema>;

/** What people call the kinds of sources: how the setup begins. */
export const connectorKinds = ['database', 'file', 'warehouse'] as const;
export type ConnectorKind = (typeof connectorKinds)[number];

/** One connector of a package. */
export const connectorManifestSchema = z
  .object({
    id: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens, at most 40'),
    title: z.string().min(1).max(60),
    entry: z.string().startsWith('./'),
    configSchema: z.string().startsWith('./'),
    /** URI schemes that belong to it, without the colon. */
    schemes: z.array(z.string().regex(/^[a-z][a-z0-9+.-]*$/)).default([]),
    /** File name endings that belong to it, with the dot, lower case. */
    extensions: z.array(z.string().regex(/^\.[a-z0-9.]+$/)).default([]),
    /** Texts a file of this format begins with; used to tell a user that a file is not what its name says. */
    magic: z.array(z.string().min(1).max(16)).default([]),
    /** Where absent: `file` for a connector with file name endings, else `database`. */
    kind: z.enum(connectorKinds).optional(),
    /**
     * The connector itself says what a file is that is not of its format, better than the first bytes could: the worker does
     * not look at them before.
     */
    explains: z.boolean().default(false),
    icon: z.string().startsWith('./').optional(),
    panels: z.array(panelManifestSchema).default([]),
  })
  .meta({ id: 'ConnectorManifest' });
export type ConnectorManifest = z.infer<typeof connectorManifestSchema>;

/**
 * The `kalla` block of a package's `package.json`. `api` is a semver range of the connector API, at present `^1.0.0`.
 *
 * @example
 * { "api": "^1.0.0", "connectors": [{ "id": "postgres", "title": "PostgreSQL", "entry": "./dist/index.js",
 *   "configSchema": "./dist/config.schema.json", "schemes": ["postgres", "postgresql"] }] }
 */
export const pluginManifestSchema = z
  .object({
    api: z.string(),
    connectors: z.array(connectorManifestSchema).default([]),
    panels: z.array(panelManifestSchema).default([]),
  })
  .meta({ id: 'PluginManifest' });
export type PluginManifest = z.infer<typeof pluginManifestSchema>;
