import { isAbsolute, join, relative, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  CONNECTOR_API_VERSION,
  ProblemError,
  type ConnectorPlugin,
  type ConnectorTrial,
  type ConnectorTrialResult,
  type SourceMisfit,
} from '@kalla/core';
import { redact } from '../redact.ts';
import { readCandidate, type FoundConnector } from './discover.ts';
import { FILE_SCHEMES, readsFiles } from '../sources/find-connector.ts';
import { misfitsOf } from './misfits.ts';

/** What is started while a module loads and fails a moment later is to be seen too. */
const SETTLE_MS = 150;
/** What the form that is drawn from the schema does not know. */
const UNKNOWN_TO_FORMS = ['allOf', 'anyOf', '$ref', '$dynamicRef'];

/**
 * Loads every connector of a package that is not installed yet and looks whether each is what its manifest says, and whether
 * it takes the settings of the sources and the addresses of the recipes that are saved. Runs in a process of its own: the code is anyone's.
 *
 * @throws ProblemError `validation` with one sentence that says what is wrong
 */
export async function tryConnector(
  trial: ConnectorTrial,
  dataDir: string,
  present: readonly FoundConnector[],
): Promise<ConnectorTrialResult> {
  const inside = relative(dataDir, join(dataDir, trial.path));
  if (isAbsolute(inside) || inside.startsWith(`..${sep}`) || !inside.startsWith(`connectors${sep}`))
    throw new ProblemError(
      'bad-request',
      'A package to be tried lies in the folder "connectors" of the data directory.',
    );
  const found = await readCandidate(join(dataDir, trial.path), { name: trial.package, version: trial.version });
  if (found.length === 0) throw fault('Its "kalla" block names no connector.');
  const others = present.filter((one) => one.info.package !== trial.package && one.info.error === null);
  for (const one of found) {
    if (one.info.error !== null) throw fault(one.info.error);
    assertNames(one);
    assertFree(one, [...others, ...found.filter((other) => other !== one)]);
  }
  const misfits: SourceMisfit[] = [];
  for (const one of found) {
    const plugin = await tryOne(one);
    const sources = trial.sources.filter((source) => source.type === one.info.type);
    misfits.push(...sources.flatMap((source) => misfitsOf(source, plugin, readsFiles(one))));
  }
  return { connectors: found.map((one) => one.info), misfits };
}

/** What a recipe says of a side without meaning a connector: any file, and an address of any kind. */
const NO_CONNECTOR = new Set(['file', 'uri']);
/** Neither line breaks nor signs that are not seen, but for the two that join letters in some scripts; and something that is. */
const TITLE = /^(?=.*[\p{L}\p{N}])(?:[^\p{C}\p{Zl}\p{Zp}]|[\u200c\u200d])*$/u;

/** Its names are its own and can be read: none stands for something that Kalla does itself. */
function assertNames({ info: { type, schemes, title } }: FoundConnector): void {
  if (NO_CONNECTOR.has(type))
    throw fault(`It calls a connector "${type}", which means something else in a recipe. It needs another id.`);
  const scheme = schemes.find((one) => FILE_SCHEMES.has(one));
  if (scheme)
    throw fault(
      `It claims "${scheme}:" addresses, which are of files: who reads one is said by its ending. It has to name the endings in "extensions".`,
    );
  if (!TITLE.test(title))
    throw fault(`Its connector "${type}" has a title that nobody can read: no letters, or signs that are not seen.`);
}

/** Its id, the addresses and the endings of files that it claims belong to no other connector. */
function assertFree({ info }: FoundConnector, others: readonly FoundConnector[]): void {
  for (const { info: other } of others) {
    const owner = `the connector "${other.type}" of ${other.package}`;
    if (other.type === info.type) throw fault(`It calls a connector "${info.type}", and that is ${owner} already.`);
    const scheme = info.schemes.find((one) => other.schemes.includes(one));
    if (scheme) throw fault(`It claims "${scheme}:" addresses, which belong to ${owner}.`);
    const ending = info.extensions.find((one) => other.extensions.includes(one));
    if (ending) throw fault(`It claims "${ending}" files, which belong to ${owner}.`);
  }
}

async function tryOne({ info, entry }: FoundConnector): Promise<ConnectorPlugin> {
  const label = `Its connector "${info.type}"`;
  const late: unknown[] = [];
  const note = (error: unknown) => void late.push(error);
  process.on('uncaughtException', note).on('unhandledRejection', note);
  let plugin: unknown;
  try {
    plugin = ((await import(pathToFileURL(entry).href)) as { default?: unknown }).default;
    await sleep(SETTLE_MS);
    if (late.length > 0) throw late[0];
  } catch (error) {
    throw fault(`${label} cannot be loaded: ${wordsOf(error)}`, error);
  } finally {
    process.off('uncaughtException', note).off('unhandledRejection', note);
  }
  assertPlugin(label, plugin, info.config_schema);
  return plugin;
}

function assertPlugin(
  label: string,
  value: unknown,
  schema: Record<string, unknown>,
): asserts value is ConnectorPlugin {
  if (typeof value !== 'object' || value === null)
    throw fault(`${label} is none: its entry has no default export that is a connector.`);
  const plugin = value as Record<string, unknown>;
  if (plugin.apiVersion !== CONNECTOR_API_VERSION)
    throw fault(
      `${label} was written for connector API version ${wordOf(plugin.apiVersion)}; this Kalla has ${CONNECTOR_API_VERSION}.`,
    );
  const missing = ['open', 'fromUri', 'toUri'].filter((name) => typeof plugin[name] !== 'function');
  if (missing.length > 0) throw fault(`${label} lacks ${missing.map((name) => `${name}()`).join(', ')}.`);
  const config = plugin.config as { safeParse?: unknown; shape?: unknown } | null | undefined;
  if (typeof config?.safeParse !== 'function') throw fault(`${label} lacks "config", the zod schema of its settings.`);
  try {
    (config.safeParse as (value: unknown) => unknown).call(config, {});
  } catch (error) {
    throw fault(`${label} fails when its settings are looked at: ${wordsOf(error)}`, error);
  }
  assertSchema(label, schema, config.shape);
}

/** The form is drawn from the file, the settings are checked by the code: both have to speak of the same. */
function assertSchema(label: string, schema: Record<string, unknown>, shape: unknown): void {
  if (schema.type !== 'object') throw fault(`${label}: its config schema does not describe an object.`);
  const refused = UNKNOWN_TO_FORMS.find((word) => JSON.stringify(schema).includes(`"${word}":`));
  if (refused) throw fault(`${label}: its config schema uses "${refused}", which no form can be made of. Use oneOf.`);
  if (typeof shape !== 'object' || shape === null) return;
  const described = Object.keys((schema.properties as object | undefined) ?? {});
  const lie = described.find((name) => !(name in shape));
  if (lie) throw fault(`${label}: its config schema describes the setting "${lie}", which its code does not know.`);
  const hidden = Object.keys(shape).find((name) => !described.includes(name));
  if (hidden) throw fault(`${label}: its code has the setting "${hidden}", which its config schema does not describe.`);
}

/** What the author of a package is told about an error of theirs: its first line, without secrets and without folders of ours. */
function wordsOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : typeof error === 'string' ? error : 'it throws.';
  const line = redact(text.split('\n')[0] ?? '')
    .replaceAll(/(?:file:\/\/)?\/[^\s'"]*\/node_modules\//g, '')
    .slice(0, 300);
  return /[.!?]$/.test(line) ? line : `${line}.`;
}

function wordOf(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value).slice(0, 20) : 'none';
}

function fault(sentence: string, cause?: unknown): ProblemError {
  return new ProblemError('validation', sentence, undefined, cause);
}
