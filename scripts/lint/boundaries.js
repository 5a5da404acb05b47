import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * Who may import whom (DESIGN.md §2, CONTRIBUTING.md), by folder. `testing/` and `scripts/` are tools that a test may use;
 * tests may also use the connector packages they need for real, never shipped code.
 */
const MAY_IMPORT = [
  { from: 'core/contracts', may: [] },
  { from: 'core/*', may: ['core/contracts'] },
  { from: 'plugins/*/*', may: ['core/*'] },
  { from: 'shell', may: ['core/*'] },
  { from: 'worker', may: ['core/*'] },
  { from: 'benchmarks', may: ['core/*'] },
];
const TEST_TOOLS = ['testing', 'scripts', 'samples'];

/** `core/*` against `core/ui`. */
function matches(pattern, folder) {
  const wanted = pattern.split('/');
  const have = folder.split('/');
  return wanted.length === have.length && wanted.every((part, i) => part === '*' || part === have[i]);
}

/** The package folder that a path of the repository lies in, for example `plugins/connectors/csv`; null outside of one. */
export function packageFolder(path) {
  const parts = path.split(sep).join('/').split('/');
  const depth = { core: 2, plugins: 3, shell: 1, worker: 1, benchmarks: 1, testing: 1, scripts: 1, samples: 1 }[
    parts[0]
  ];
  return depth && parts.length >= depth ? parts.slice(0, depth).join('/') : null;
}

/** The folder that a package of ours lies in, by npm's own links. */
function folderOfPackage(name) {
  const known = {
    '@kalla/core': 'core/contracts',
    '@kalla/ui': 'core/ui',
    '@kalla/files': 'core/files',
    '@kalla/object-store': 'core/object-store',
    '@kalla/testkit': 'core/testkit',
    '@kalla/shell': 'shell',
    '@kalla/worker': 'worker',
    '@kalla/benchmarks': 'benchmarks',
  };
  const plugin = /^@kalla\/(connector|panel)-(.+)$/.exec(name);
  return plugin ? `plugins/${plugin[1]}s/${plugin[2]}` : (known[name] ?? null);
}

/** The package folder an import specifier leads to, or null for what is not ours. */
function target(specifier, file) {
  if (specifier.startsWith('.')) return packageFolder(relative(ROOT, resolve(dirname(file), specifier)));
  const name = /^@kalla\/[^/]+/.exec(specifier)?.[0];
  return name ? (folderOfPackage(name) ?? name) : null;
}

/** True where the package itself lists the other in its manifest for tests only. */
function isDevDependency(from, specifier) {
  const manifest = resolve(ROOT, from, 'package.json');
  const name = /^@kalla\/[^/]+/.exec(specifier)?.[0];
  return Boolean(name && existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).devDependencies?.[name]);
}

/** Forbids imports across the walls between packages, by name or by a relative path that climbs over one. */
export const boundaries = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = context.filename;
    const from = packageFolder(relative(ROOT, file));
    const rule = from && MAY_IMPORT.find(({ from: pattern }) => matches(pattern, from));
    if (!rule) return {};
    const isTest = /\.test\.tsx?$|[\\/](testing|test-support)[\\/]|\.config\.[cm]?[jt]s$/.test(file);

    const check = (node) => {
      const source = node?.source ?? node;
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const to = target(source.value, file);
      if (!to || to === from) return;
      const climbs = source.value.startsWith('.');
      if (!climbs && rule.may.some((pattern) => matches(pattern, to))) return;
      if (isTest && TEST_TOOLS.includes(to)) return;
      if (isTest && !climbs && isDevDependency(from, source.value)) return;
      const why = climbs
        ? 'a relative path must not leave its package'
        : `${from} may import ${allowed(rule.may)} of ours`;
      context.report({
        node: source,
        message: `${from} must not import ${to}: ${why} (CONTRIBUTING.md, "Who may import whom").`,
      });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: (node) => node.source && check(node),
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: (node) => check(node.source ?? node.argument?.literal),
      CallExpression(node) {
        const { callee } = node;
        const isRequire = callee.type === 'Identifier' && callee.name === 'require';
        const isMock =
          callee.type === 'MemberExpression' && callee.object.name === 'vi' && callee.property.name === 'mock';
        const isResolve =
          callee.type === 'MemberExpression' && callee.property.name === 'resolve' && callee.object.name === 'require';
        if (isRequire || isMock || isResolve) check(node.arguments[0]);
      },
    };
  },
};

function allowed(patterns) {
  return patterns.length ? `only ${patterns.join(', ')}` : 'nothing';
}
