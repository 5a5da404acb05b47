import { fixtureConnector, type FixtureOptions } from './fixture-connector.ts';
import { packPackage, type PackedFixture } from './pack-package.ts';
import type { PublishOptions } from './test-registry.ts';

const MIB = 1024 ** 2;
/** `KALLA_MAX_CONNECTOR_BYTES` of a Kalla that refuses these packages. */
export const MOST_BYTES = 4 * MIB;
/** A connector that has to be installed before: some of the packages take what it has. */
export const goodConnector = () => fixtureConnector({ name: 'kalla-connector-good', id: 'good' });

/** A package that is not installed, and the sentence that says why. */
export interface RefusedPackage {
  /** The package is `kalla-connector-` and this, and its connector is this, where nothing else is said. */
  name: string;
  options?: FixtureOptions;
  /** In place of a connector. */
  packed?: () => PackedFixture;
  sentence: RegExp;
  /** What the registry is told of it. It is installed by name then, else from its packed file. */
  told?: PublishOptions;
  /** Packages that have to be in the registry beside it. */
  beside?: () => PackedFixture[];
}

/** The packed file of a refused package. */
export function packRefused({ name, options, packed }: RefusedPackage): PackedFixture {
  return packed?.() ?? fixtureConnector({ name: `kalla-connector-${name}`, id: name, ...options });
}

const code = (name: string, entry: string, sentence: RegExp): RefusedPackage => ({
  name,
  options: { entry },
  sentence,
});

/** Code that throws, ends the process, never ends, or is no connector. */
export const brokenCode: readonly RefusedPackage[] = [
  code(
    'throws',
    'throw new Error("no licence file postgres://u:s3cr3t@h/db");',
    /"throws" cannot be loaded: no licence file postgres:\/\/u:\*\*\*@h\/db\.$/m,
  ),
  code(
    'late',
    'setTimeout(() => { throw new Error("much later"); }, 20); export default {};',
    /"late" cannot be loaded: much later/,
  ),
  code('syntax', 'export default {', /"syntax" cannot be loaded: Unexpected end of input/),
  code(
    'import',
    'import "not-there"; export default {};',
    /"import" cannot be loaded: Cannot find package 'not-there'/,
  ),
  code('exits', 'process.exit(7);', /ended the process that loaded it \(exit code 7\)/),
  code('aborts', 'process.abort();', /brought down the process that loaded it \(SIG/),
  code('loops', 'for (;;);', /still busy 20 seconds after it was loaded, as an endless loop would be/),
  code('nothing', 'export const x = 1;', /no default export/),
  code('half', 'export default { apiVersion: 1, open() {}, toUri() {} };', /lacks fromUri\(\)/),
  code(
    'settings',
    'export default { apiVersion: 1, open() {}, toUri() {}, fromUri() {}, config: {} };',
    /lacks "config"/,
  ),
  code('future', 'export default { apiVersion: 2 };', /written for connector API version 2; this Kalla has 1/),
];

const manifest = (name: string, fields: Record<string, unknown>, sentence: RegExp): RefusedPackage => ({
  name,
  options: { manifest: fields },
  sentence,
});
const schema = (name: string, value: unknown, sentence: RegExp): RefusedPackage => ({
  name,
  options: { schema: value },
  sentence,
});
const properties = (fields: object, more = {}) => ({ type: 'object', properties: fields, ...more });

/** Packages that lie in their manifest, or have none; and a registry that lies about one. */
export const falseManifests: readonly RefusedPackage[] = [
  {
    name: 'plain',
    packed: () => packPackage({ name: 'kalla-connector-plain', version: '1.0.0' }),
    sentence: /has no "kalla" block/,
  },
  manifest('block', { kalla: 'yes' }, /"kalla" block of its package.json is not valid/),
  manifest('empty', { kalla: { api: '^1.0.0', connectors: [] } }, /"kalla" block names none/),
  manifest(
    'api',
    { kalla: { api: '^2.0.0', connectors: [] } },
    /written for connector API \^2\.0\.0; this Kalla has 1\.0\.0/,
  ),
  {
    name: 'escape',
    options: { connector: { entry: './../../../../../../../../../etc/hostname' } },
    sentence: /lies outside of the package/,
  },
  { name: 'entry', options: { connector: { entry: './none.js' } }, sentence: /\.\/none\.js is missing/ },
  schema('schema', [], /is not a JSON Schema object/),
  schema('form', properties({}, { anyOf: [] }), /uses "anyOf"/),
  schema(
    'more',
    properties({ tenant: {}, token: {}, color: {} }),
    /describes the setting "color", which its code does not know/,
  ),
  schema('less', properties({ tenant: {} }), /has the setting "token", which its config schema does not describe/),
  manifest('node', { engines: { node: '>=99' } }, /needs Node >=99/),
  {
    name: 'other',
    packed: () => fixtureConnector({ name: 'kalla-connector-someone', id: 'someone' }),
    sentence: /says that it is kalla-connector-someone 1\.2\.0/,
    told: { listed: { name: 'kalla-connector-other' } },
  },
  { name: 'checksum', sentence: /checksum differs/, told: { dist: { integrity: fixtureConnector().integrity } } },
];

/** Packages that take what another connector has. */
export const thieves: readonly RefusedPackage[] = [
  {
    name: 'twin',
    options: { id: 'postgres', scheme: 'twin' },
    sentence:
      /It calls a connector "postgres", and that is the connector "postgres" of @kalla\/connector-postgres already/,
  },
  {
    name: 'copy',
    options: { id: 'good' },
    sentence: /that is the connector "good" of kalla-connector-good already/,
  },
  {
    name: 'thief',
    options: { scheme: 'postgresql' },
    sentence: /claims "postgresql:" addresses, which belong to the connector "postgres"/,
  },
  { name: 'files', options: { connector: { extensions: ['.csv'] } }, sentence: /claims "\.csv" files/ },
  {
    name: 'web',
    options: { scheme: 'https' },
    sentence: /claims "https:" addresses, which are of files: who reads one is said by its ending\. .*"extensions"\./,
  },
  {
    name: 'any-file',
    options: { id: 'file', scheme: 'any-file' },
    sentence: /It calls a connector "file", which means something else in a recipe\. It needs another id\./,
  },
  {
    name: 'blank',
    options: { connector: { title: '   ' } },
    sentence: /has a title that nobody can read: no letters, or signs that are not seen\./,
  },
  {
    name: 'backwards',
    options: { connector: { title: 'Ledger \u202Elmx.exe' } },
    sentence: /has a title that nobody can read/,
  },
];

const panel = { slot: 'source.setup', expose: './Setup', remote: 'acme', manifest: './panel/mf-manifest.json' };
const federated = (react: string, name = 'acme') =>
  JSON.stringify({
    name,
    metaData: { remoteEntry: { name: 'entry.js', path: '', type: 'global' } },
    shared: [{ name: 'react', requiredVersion: react, singleton: true }],
    exposes: [{ path: './Setup', assets: { js: {}, css: {} } }],
  });
const brings = (
  name: string,
  panels: unknown[],
  sentence: RegExp,
  files: Record<string, string> = {},
): RefusedPackage => ({ name, options: { connector: { panels }, files }, sentence });

/** Packages that do not fit to this Kalla, or do not get what they depend on. */
export const misfits: readonly RefusedPackage[] = [
  manifest('core', { peerDependencies: { '@kalla/core': '^9.0.0' } }, /needs @kalla\/core \^9\.0\.0, this Kalla has/),
  manifest(
    'missing',
    { dependencies: { 'not-in-this-registry': '1.0.0' } },
    /does not have the package, or not in that version \(not-in-this-registry\)/,
  ),
  ...['git+https://evil.example/x.git', 'https://evil.example/x.tgz', 'file:../../x', 'acme/x', '../x'].map(
    (spec, index) =>
      manifest(`by-address-${index}`, { dependencies: { x: spec } }, /depends on "x" by an address or a folder/),
  ),
  brings(
    'react',
    [panel],
    /panel for "source\.setup" does not fit this Kalla\. It needs react \^18\.0\.0, this Kalla has 19/,
    { 'panel/mf-manifest.json': federated('^18.0.0'), 'panel/entry.js': '' },
  ),
  brings('unbuilt', [panel], /mf-manifest\.json is missing/),
  brings('nowhere', [{ slot: 'source.setup', expose: './Setup' }], /mf-manifest\.json is missing/),
  brings('slot', [{ ...panel, slot: 'run.view' }], /brings a panel for "run\.view"\. It can bring/),
  brings('two', [panel, panel], /brings more than one panel/),
  brings(
    'top',
    [{ ...panel, manifest: './mf-manifest.json' }],
    /lies outside of the package, or in no folder of its own/,
    { 'mf-manifest.json': federated('^19.0.0'), 'entry.js': '' },
  ),
  brings(
    'remote',
    [{ ...panel, remote: 'kalla_panel_run_viewer' }],
    /is the remote "kalla_panel_run_viewer", and so is one of @kalla\/panel-run-viewer/,
    { 'panel/mf-manifest.json': federated('^19.0.0', 'kalla_panel_run_viewer'), 'panel/entry.js': '' },
  ),
];

/** Packages that are too large, whatever they say of themselves. */
export const giants: readonly RefusedPackage[] = [
  {
    name: 'huge',
    sentence: /is 2 GiB large\. This Kalla installs at most 4 MiB .* Nothing was downloaded\.$/m,
    told: { dist: { unpackedSize: 2 * 1024 ** 3 } },
  },
  {
    name: 'bomb',
    options: { files: { zeros: Buffer.alloc(40 * MIB) } },
    sentence: /Unpacked it is larger than 4 MiB/,
    told: { dist: { unpackedSize: 1000 } },
  },
  {
    name: 'heavy',
    options: { manifest: { dependencies: { 'large-dependency': '1.0.0' } } },
    sentence: /With what it depends on it is larger than 4 MiB/,
    beside: () => [packPackage({ name: 'large-dependency', version: '1.0.0' }, { zeros: Buffer.alloc(60 * MIB) })],
  },
];

/** Names and versions that are none, with the sentence. A person or a program may write any of them. */
export const refusedNames: readonly [name: string, sentence: RegExp][] = [
  ['../x', /is not the name of an npm package/],
  ['--flag', /is not the name/],
  ['KALLA', /lower case/],
  ['x'.repeat(300), /300 characters/],
  ['a b', /is not the name/],
  ['', /is not the name/],
  ['https://evil.example/x.tgz', /is an address/],
  ['file:/etc', /is an address/],
  ['git+https://evil.example/x.git', /is an address/],
  ['acme/x', /is an address/],
  ['npm:kalla-connector-good@1.2.0', /is an address/],
];
export const refusedVersions = [
  '',
  '^1.2.0',
  'latest',
  '1',
  '1.2.0; rm -rf /',
  '--registry=http://x',
  '../..',
] as const;
