import {
  ConnectorError,
  issueSentence,
  ProblemError,
  type ConnectorHost,
  type ConnectorPlugin,
  type NormalizedSource,
  type SourceRef,
} from '@kalla/core';
import { type z } from 'zod';
import type { FoundConnector } from '../plugins/discover.ts';
import { loadConnector } from '../plugins/load-connector.ts';
import type { TaskSource } from '../task-contract.ts';
import { assertFileFormat } from './file-magic.ts';
import { findConnector, isAsked, readsFiles } from './find-connector.ts';
import { splitSecrets } from './secrets.ts';

type Refs = Pick<SourceRef, 'alias' | 'type' | 'uri' | 'config' | 'table' | 'options' | 'filename' | 'connector'>;

/** Loads a source's connector and validates its configuration, so that an engine can use it. */
export async function resolveSource(
  source: SourceRef,
  all: readonly FoundConnector[],
  host: ConnectorHost,
): Promise<TaskSource> {
  const { found, plugin, config, table } = await configure(source, all);
  const asked = source.connector;
  if (asked && !isAsked(found, asked)) {
    const build = ({ version, integrity }: { version: string; integrity?: string | undefined }) =>
      [version, integrity].filter(Boolean).join(' ');
    host.log.warn('The connector has another version or build than the job was made with.', {
      connector: found.info.package,
      asked: build(asked),
      used: build({ version: found.info.version, integrity: found.integrity }),
    });
  }
  return {
    alias: source.alias ?? 'source',
    type: found.info.type,
    connector: { package: found.info.package, version: found.info.version },
    plugin: readsFiles(found) ? checkingFormat(plugin, source.filename, found, all) : plugin,
    config,
    readsFiles: readsFiles(found),
    table,
    publicUri: plugin.toUri(config, table),
    filename: source.filename,
    expectedColumns: source.expected_columns,
    columnTypes: source.column_types,
    sha256: source.sha256,
  };
}

/** Validates a source's settings and parts them into what may be shown and what may not. */
export async function normalizeSource(source: Refs, all: readonly FoundConnector[]): Promise<NormalizedSource> {
  const { found, plugin, config, table } = await configure(source, all);
  const { shown, secrets } = splitSecrets(config, found.info.config_schema);
  return {
    type: found.info.type,
    table: table ?? null,
    uri: plugin.toUri(config, table),
    public_config: shown,
    secrets,
    connector: { package: found.info.package, version: found.info.version },
  };
}

async function configure(source: Refs, all: readonly FoundConnector[]) {
  const found = findConnector(source, all);
  const plugin = await loadConnector(found);
  const label = source.alias ? `Source "${source.alias}"` : 'The source';
  const given = readsFiles(found) ? fileConfig(source) : databaseConfig(source, plugin, label);
  const parsed = plugin.config.safeParse(given.config);
  if (!parsed.success) {
    const items = parsed.error.issues.map((issue: z.core.$ZodIssue) => ({
      field: ['config', ...issue.path].join('.'),
      message: issueSentence(issue),
    }));
    const first = items[0];
    const place = first && first.field !== 'config' ? `"${first.field.slice('config.'.length)}"` : 'the settings';
    throw new ProblemError(
      'source-config',
      `${label}: ${place}: ${first?.message ?? 'not valid'}.`.replace(/\.\.$/, '.'),
      items,
    );
  }
  return { found, plugin, config: parsed.data as unknown, table: source.table ?? given.table };
}

/** A file's configuration is its address, its name, how to read it, and what was detected at an earlier reading. */
function fileConfig(source: Refs): { config: unknown; table?: string } {
  const pinned = isRecord(source.config) ? source.config : {};
  const config: Record<string, unknown> = { ...pinned };
  if (source.uri !== undefined) config.uri = source.uri;
  if (source.filename !== undefined) config.filename = source.filename;
  if (source.options !== undefined)
    config.options = { ...(isRecord(pinned.options) ? pinned.options : {}), ...source.options };
  return { config };
}

function databaseConfig(source: Refs, plugin: ConnectorPlugin, label: string): { config: unknown; table?: string } {
  if (source.config !== undefined) return { config: source.config };
  if (source.uri === undefined) throw new ProblemError('source-config', `${label} needs a "uri" or a "config".`);
  try {
    return plugin.fromUri(source.uri);
  } catch (error) {
    if (ConnectorError.is(error)) throw error;
    // What a URL parser says may hold the whole address, password and all.
    throw new ProblemError(
      'source-config',
      `${label}: its address is not one that the connector understands.`,
      undefined,
      error,
    );
  }
}

/** The plugin, with a look at the first bytes of each file before the connector gets it. */
function checkingFormat(
  plugin: ConnectorPlugin,
  filename: string | undefined,
  connector: FoundConnector,
  all: readonly FoundConnector[],
): ConnectorPlugin {
  return {
    apiVersion: plugin.apiVersion,
    config: plugin.config,
    fromUri: (uri) => plugin.fromUri(uri),
    toUri: (config, table) => plugin.toUri(config, table),
    open: (config, host) =>
      plugin.open(config, {
        scratchDir: host.scratchDir,
        ...(host.maxFileBytes === undefined ? {} : { maxFileBytes: host.maxFileBytes }),
        log: host.log,
        async localFile(uri, operation) {
          const file = await host.localFile(uri, operation);
          const name = filename ?? file.name;
          await assertFileFormat(file.path, name, connector, all);
          return { ...file, name };
        },
      }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
