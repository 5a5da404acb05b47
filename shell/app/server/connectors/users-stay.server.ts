import {
  PROBLEM_BASE,
  ProblemError,
  type ConnectorInfo,
  type ConnectorTrial,
  type ProblemItem,
  type SourceMisfit,
} from '@kalla/core';
import { isObject, leafNames, mergeDeep } from '../merge.server.ts';
import { allRecipes } from '../recipes/recipe-repository.server.ts';
import { registeredSource } from '../recipes/recipe-sources.server.ts';
import { services } from '../services.server.ts';
import { allSources } from '../sources/source-repository.server.ts';
import { secretsOf, sourceRef } from '../sources/sources.server.ts';
import type { WorkerClient } from '../worker-client.server.ts';
import { named, usersOf } from './connector-users.server.ts';
import { refuse } from './refuse.server.ts';

/** A version of a package that is about to be put in the place of the one in use. */
export interface Successor {
  name: string;
  version: string;
  /** Folder of the package, relative to the data directory. */
  path: string;
}

/** Something that would stop working, and why. */
interface Loss {
  what: 'source' | 'recipe';
  name: string;
  why: string;
}

/**
 * Has a version of a package tried, and looks whether all that uses the package would go on working with it. What does not work
 * now either is nothing to keep the version for.
 *
 * @returns the connectors of the version
 * @throws ProblemError `validation` with what is wrong with the package, or with the names of what would stop working, and why
 */
export async function trySuccessor({ name, version, path }: Successor, signal?: AbortSignal): Promise<ConnectorInfo[]> {
  const { worker } = services();
  const all = await worker.connectors(signal);
  const present = all.filter((one) => one.package === name && !one.builtin && one.error === null);
  const saved = [...(await savedSources(name)), ...(await savedAddresses(present))];
  const tried = saved.map((one, index) => ({ ...one.tried, alias: String(index) }));
  const { connectors, misfits } = await worker.tryConnector({ path, package: name, version, sources: tried }, signal);
  await assertTypesStay({ name, version }, present, connectors);

  const gone = await lostAddresses(name, present, connectors);
  const losses = [
    ...(await lostSettings(name, misfits, saved, present)).filter(
      ({ what, name: of }) => !gone.some((one) => one.what === what && one.name === of),
    ),
    ...gone,
  ];
  if (losses.length > 0) throw refusal({ name, version }, present[0]?.version ?? '', losses);
  return connectors;
}

/** What is saved and reads with the package. */
interface Saved {
  what: Loss['what'];
  /** Alias of the source, or id of the recipe. */
  name: string;
  /** As it is looked at by the other version: a source has settings, the side of a recipe has an address. */
  tried: Pick<ConnectorTrial['sources'][number], 'type' | 'config' | 'uri' | 'table'>;
  /** Dotted names of the settings that are secret. */
  secrets: string[];
  /** As the version in use reads it. */
  now(): Promise<Parameters<WorkerClient['normalize']>[0]>;
}

/**
 * The sources of a package with their settings, and something in the place of each secret: what is only tried is anyone's code, and
 * gets no secret before it is taken.
 */
async function savedSources(name: string): Promise<Saved[]> {
  const rows = (await allSources(services().db)).filter((row) => row.connector.package === name);
  const found = await Promise.all(
    rows.map(async ({ alias, type, config, tableName }): Promise<Saved | null> => {
      const secrets = await secretsOf(alias).catch((error: unknown) => {
        // Secrets that cannot be opened any more: the source does not work whatever is installed.
        if (isOf('source-config', error)) return null;
        throw error;
      });
      if (!secrets) return null;
      const table = tableName === null ? {} : { table: tableName };
      return {
        what: 'source',
        name: alias,
        tried: { type, config: mergeDeep(config, withheld(secrets)), ...table },
        secrets: leafNames(secrets),
        now: async () => {
          const { type: present, config: whole, table: of } = await sourceRef(alias);
          return { type: present, config: whole, table: of };
        },
      };
    }),
  );
  return found.filter((one) => one !== null);
}

/** The sides of recipes that are an address of their own and seem to be read by these connectors. */
async function savedAddresses(present: readonly ConnectorInfo[]): Promise<Saved[]> {
  const sides = (await allRecipes(services().db)).flatMap(({ recipe_id: name, sources: { left, right } }) =>
    [left, right].map((side) => ({ name, side })),
  );
  const found = await Promise.all(
    sides.map(async ({ name, side }): Promise<Saved | null> => {
      const { uri } = side;
      const type = uri === undefined ? undefined : readerOf(uri, side.type, present);
      // The address of a source that is saved stands for that source.
      if (uri === undefined || type === undefined || (await registeredSource(side))) return null;
      const now = () => Promise.resolve({ type: side.type, uri });
      return { what: 'recipe', name, tried: { type, uri }, secrets: [], now };
    }),
  );
  return found.filter((one) => one !== null);
}

function readerOf(uri: string, type: string | undefined, present: readonly ConnectorInfo[]): string | undefined {
  if (type !== undefined && type !== 'file') return present.find((one) => one.type === type)?.type;
  const path = uri.split(/[?#]/)[0]?.toLowerCase() ?? '';
  return present.find(
    ({ schemes, extensions }) => schemes.includes(schemeOf(uri)) || extensions.some((ending) => path.endsWith(ending)),
  )?.type;
}

const schemeOf = (uri: string | undefined) => uri?.split(':')[0]?.toLowerCase() ?? '';

/** Throws where another version of a package lacks a connector that is in use. */
async function assertTypesStay(
  { name, version }: Pick<Successor, 'name' | 'version'>,
  present: readonly ConnectorInfo[],
  next: readonly ConnectorInfo[],
): Promise<void> {
  const gone = present.filter((one) => !next.some(({ type }) => type === one.type));
  if (gone.length === 0) return;
  const { sources, recipes } = await usersOf(name, gone, { only: true });
  const parts = [named('source', sources), named('recipe', recipes)].filter((part) => part !== null);
  if (parts.length === 0) return;
  throw refuse(
    `${name} ${version} no longer has the connector ${gone.map((one) => `"${one.type}"`).join(', ')}, which is used by ${parts.join(', and by ')}.`,
  );
}

async function lostSettings(
  name: string,
  misfits: readonly SourceMisfit[],
  saved: readonly Saved[],
  present: readonly ConnectorInfo[],
): Promise<Loss[]> {
  const losses: Loss[] = [];
  for (const [index, one] of saved.entries()) {
    const [first] = misfits.filter((misfit) => misfit.alias === String(index) && !isOfSecret(misfit, one.secrets));
    // Of a recipe with two such sides the first says enough.
    if (!first || losses.some((loss) => loss.what === one.what && loss.name === one.name)) continue;
    if (await worksNow(name, one)) losses.push({ what: one.what, name: one.name, why: reasonOf(first, one, present) });
  }
  return losses;
}

/** What is said of the text that stands for a secret, or of the group that it is in, says nothing of the secret. */
function isOfSecret({ setting, missing }: SourceMisfit, secrets: readonly string[]): boolean {
  return setting !== null && !missing && secrets.some((path) => `${path}.`.startsWith(`${setting}.`));
}

function withheld(secrets: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [
      name,
      isObject(value) ? withheld(value) : typeof value === 'string' ? 'withheld' : value,
    ]),
  );
}

/** True where the version in use takes the settings of a source, or the address. */
async function worksNow(name: string, { now }: Saved): Promise<boolean> {
  try {
    return (await services().worker.normalize(await now())).connector.package === name;
  } catch (error) {
    if (error instanceof ProblemError && !isOf('worker-unreachable', error)) return false;
    throw error;
  }
}

function reasonOf(
  { type, setting, missing, message }: SourceMisfit,
  { what }: Saved,
  present: readonly ConnectorInfo[],
): string {
  if (setting === null) return `it says of the ${what === 'source' ? 'settings' : 'address'}: ${message}`;
  if (!missing) return `it says of the setting "${setting}": ${message}`;
  const known = JSON.stringify(present.find((one) => one.type === type)?.config_schema ?? {});
  const isNew = !known.includes(`"${setting.split('.').at(-1)}":`);
  if (what === 'recipe')
    return `the address does not give the setting "${setting}", which ${isNew ? 'is new in it and ' : ''}has to be there.`;
  return `the setting "${setting}" ${isNew ? 'is new in it and has to be filled in' : 'has to be filled in for it'}.`;
}

/** Sources and recipes with an address of a kind that is read now and would not be any more. */
async function lostAddresses(
  name: string,
  present: readonly ConnectorInfo[],
  next: readonly ConnectorInfo[],
): Promise<Loss[]> {
  const { db } = services();
  const kept = new Set(next.flatMap((one) => one.schemes));
  const gone = new Set(present.flatMap((one) => one.schemes).filter((scheme) => !kept.has(scheme)));
  if (gone.size === 0) return [];
  const loss = (what: Loss['what'], one: string, uri: string | undefined): Loss[] =>
    gone.has(schemeOf(uri))
      ? [{ what, name: one, why: `addresses that begin with "${schemeOf(uri)}:" are gone from it.` }]
      : [];
  const sources = (await allSources(db)).filter((row) => row.connector.package === name);
  return [
    ...sources.flatMap((row) => loss('source', row.alias, row.uri)),
    ...(await allRecipes(db)).flatMap(({ recipe_id: id, sources: { left, right } }) =>
      [left, right].flatMap((side) => loss('recipe', id, side.uri)).slice(0, 1),
    ),
  ];
}

/** Names what would stop working, by its reason, and says what can be done. */
function refusal({ name, version }: Pick<Successor, 'name' | 'version'>, now: string, losses: Loss[]): ProblemError {
  const reasons = [...new Set(losses.map((one) => one.why))].map((why) => {
    const those = losses.filter((one) => one.why === why);
    const of = (what: Loss['what']) => those.filter((one) => one.what === what).map((one) => one.name);
    const parts = [named('source', of('source')), named('recipe', of('recipe'))].filter((part) => part !== null);
    return `${parts.join(' and ')}: ${why}`;
  });
  const them = new Set(losses.map((one) => `${one.what} ${one.name}`)).size === 1 ? 'it' : 'them';
  const items: ProblemItem[] = losses.map(({ what, name: one, why }) => ({
    message: `${what} ${one} would stop working: ${why}`,
    ...(what === 'source' ? { source: one } : { recipe_id: one }),
  }));
  return new ProblemError(
    'validation',
    `With ${name} ${version} this would stop working. ${reasons.map(capital).join(' ')} Keep version ${now}; or remove ${them} first, and set ${them} up again with ${version}.`,
    items,
  );
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function isOf(kind: string, error: unknown): boolean {
  return error instanceof ProblemError && error.problem.type === `${PROBLEM_BASE}${kind}`;
}
