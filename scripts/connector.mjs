// @ts-check
import './lib/node-version.mjs';
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { callApi, followInstall } from './lib/connector-api.mjs';
import { withKalla } from './lib/with-kalla.mjs';
import { main, UserError } from './lib/user-error.mjs';

const USAGE = `npm run connector -- add NAME [VERSION]    installs a connector of the npm registry; the newest version where none is named
npm run connector -- add FILE.tgz|FOLDER   installs a packed file, or a package's folder (begin it with ./ or /)
npm run connector -- list                  says which connectors are here
npm run connector -- rollback NAME         goes back to the version before
npm run connector -- remove NAME           removes a connector that nothing uses

The code of a connector runs on this machine: install only what you trust.`;

/** Installs and removes connectors from a shell, through the Kalla that runs on the data folder, or through one that is started for it. */
await main(async () => {
  const [verb, name = '', version, ...rest] = process.argv.slice(2);
  const takes = { add: 2, list: 0, rollback: 1, remove: 1 }[verb ?? ''];
  const given = [name, version].filter((one) => one).length;
  if (takes === undefined || given > takes || (takes > 0 && given === 0) || rest.length > 0) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  await withKalla(async (address) => {
    if (verb === 'add') return add(address, name, version);
    if (verb === 'list') return list(address);
    const path = `/api/connectors/${encodeURIComponent(name)}`;
    if (verb === 'remove') {
      await callApi(address, 'DELETE', path);
      console.log(`${name} is removed.`);
    } else {
      const now = await callApi(address, 'POST', `${path}/rollback`);
      console.log(`${now.package} is version ${inWords(now.build, now.previous_build) || now.version} again.`);
    }
  });
});

/**
 * @param {string} address
 * @param {string} name
 * @param {string | undefined} version
 */
async function add(address, name, version) {
  const body = isPath(name) ? fromDisk(name) : await fromRegistry(address, name, version);
  const installed = await followInstall(address, body, (step) => console.log(`  ${step}`));
  const titles = installed.connectors.map((/** @type {{ title: string }} */ one) => one.title).join(', ');
  const { build, previous_build: before } = installed;
  console.log(`${installed.package} ${inWords(build, before) || installed.version} is installed: ${titles}.`);
  if (before) console.log(`${inWords(before, build)} is kept; "rollback ${installed.package}" goes back to it.`);
  for (const note of installed.notes) console.log(note);
}

/** @param {string} address */
async function list(address) {
  const { connectors, problem } = await callApi(address, 'GET', '/api/connectors');
  for (const one of connectors) {
    const notes = [
      ...(one.builtin ? ['comes with Kalla'] : []),
      ...(one.previous_build ? [`kept to go back to: ${inWords(one.previous_build, one.build)}`] : []),
      ...(one.error ? [`cannot be used: ${one.error}`] : []),
    ];
    // Of one whose files cannot be read only the package is known.
    const name = one.title === one.package ? one.package : `${one.title}: ${one.package}`;
    const version = inWords(one.build, one.previous_build) || one.version;
    console.log(`${name} ${version}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`);
  }
  if (problem) throw new UserError(problem);
}

/**
 * A build by its version, or, where the other one has the same version number, also by when it was installed and by its checksum.
 *
 * @typedef {{ version: string, installed_at: string | null, checksum: string | null }} Build
 * @param {Build | null} build
 * @param {Build | null} other
 */
function inWords(build, other) {
  if (!build || build.version !== other?.version) return build?.version ?? '';
  const { version, installed_at: at, checksum } = build;
  const moment = at && `${at.slice(0, 19).replace('T', ' ')} UTC`;
  return [version, moment && `installed ${moment}`, checksum && `checksum ${checksum}`].filter(Boolean).join(', ');
}

/** A name never begins with a dot or a slash, and a packed file always ends in .tgz. @param {string} name */
function isPath(name) {
  return /^\.{0,2}[/\\]|^\.{1,2}$|^[A-Za-z]:[/\\]|\.tgz$/.test(name);
}

/** @param {string} name */
function fromDisk(name) {
  const path = resolve(name);
  if (!existsSync(path)) throw new UserError(`There is no file or folder ${path}.`);
  return statSync(path).isDirectory() ? { folder: path } : { tarball: path };
}

/**
 * Without a version the newest one is looked up, and that one is installed and written down.
 *
 * @param {string} address
 * @param {string} given
 * @param {string | undefined} version
 */
async function fromRegistry(address, given, version) {
  const at = given.lastIndexOf('@');
  const name = at > 0 && version === undefined ? given.slice(0, at) : given;
  const exact = version ?? (at > 0 ? given.slice(at + 1) : undefined);
  if (exact !== undefined) return { package: name, version: exact };
  const search = await callApi(address, 'GET', `/api/connectors/search?q=${encodeURIComponent(name.slice(0, 200))}`);
  const found = search.packages.find((/** @type {{ package: string }} */ one) => one.package === name);
  // What is wrong with a name is said by the installation itself.
  return found ? { package: name, version: found.version } : { package: name };
}
