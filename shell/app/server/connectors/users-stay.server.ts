import { PROBLEM_BASE, ProblemError, type ConnectorInfo, type ProblemItem, type SourceMisfit } from '@kalla/core';
import { isObject, leafNames, mergeDeep } from '../merge.server.ts';
import { allRecipes } from '../recipes/recipe-repository.server.ts';
import { services } from '../services.server.ts';
import { allSources } from '../sources/source-repository.server.ts';
import { secretsOf, sourceRef } from '../sources/sources.server.ts';
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
  const sources = await savedSources(name);
  const tried = sources.map(({ secrets: _, ...source }) => source);
  const { connectors, misfits } = await worker.tryConnector({ path, package: name, version, sources: tried }, signal);
  const all = await worker.connectors(signal);
  const present = all.filter((one) => one.package === name && !one.builtin && one.error === null);
  await assertTypesStay({ name, version }, present, connectors);

  const losses = [
    ...(await lostSettings(misfits, sources, present)),
    ...(await lostAddresses(name, present, connectors)),
  ];
  if (losses.length > 0) throw refusal({ name, version }, present[0]?.version ?? '', losses);
  return connectors;
}

type Saved = Awaited<ReturnType<typeof savedSources>>[number];

/**
 * The sources of a package with their settings, and something in the place of each secret: what is only tried is anyone's code, and
 * gets no secret before it is taken.
 */
async function savedSources(name: string) {
  const rows = (await allSources(services().db)).filter((row) => row.connector.package === name);
  const found = await Promise.all(
    rows.map(async ({ alias, type, config, tableName }) => {
      const secrets = await secretsOf(alias).catch((error: unknown) => {
        // Secrets that cannot be opened any more: the source does not work whatever is installed.
        if (isOf('source-config', error)) return null;
        throw error;
      });
      const table = tableName === null ? {} : { table: tableName };
      return (
        secrets && { alias, type, config: mergeDeep(config, withheld(secrets)), ...table, secrets: leafNames(secrets) }
      );
    }),
  );
  return found.filter((one) => one !== null);
}

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
  misfits: readonly SourceMisfit[],
  sources: readonly Saved[],
  present: readonly ConnectorInfo[],
): Promise<Loss[]> {
  const losses: Loss[] = [];
  for (const source of sources) {
    const [first] = misfits.filter((one) => one.alias === source.alias && !isOfSecret(one, source.secrets));
    if (first && (await worksNow(source)))
      losses.push({ what: 'source', name: source.alias, why: reasonOf(first, present) });
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

/** True where the version in use takes the settings of a source. */
async function worksNow({ alias }: Saved): Promise<boolean> {
  try {
    const { type, config, table } = await sourceRef(alias);
    await services().worker.normalize({ type, config, table });
    return true;
  } catch (error) {
    if (error instanceof ProblemError && !isOf('worker-unreachable', error)) return false;
    throw error;
  }
}

function reasonOf({ type, setting, missing, message }: SourceMisfit, present: readonly ConnectorInfo[]): string {
  if (setting === null) return `it says of the settings: ${message}`;
  if (!missing) return `it says of the setting "${setting}": ${message}`;
  const known = JSON.stringify(present.find((one) => one.type === type)?.config_schema ?? {});
  const isNew = !known.includes(`"${setting.split('.').at(-1)}":`);
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
  const schemeOf = (uri: string | undefined) => uri?.split(':')[0]?.toLowerCase() ?? '';
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
