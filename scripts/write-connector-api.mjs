// @ts-check
/**
 * Writes docs/connector-api.md: every exported declaration that an author of a connector meets, with its doc comment, as it
 * stands in the source. `node scripts/write-connector-api.mjs`; a test says where the page is older than the source.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { ROOT } from './lib/paths.mjs';

/** In the order in which they are met. */
const CHAPTERS = [
  ['The plugin and its connection', 'core/contracts/src/connector.ts'],
  ['Columns, notes and conditions', 'core/contracts/src/column.ts'],
  ['Types of columns', 'core/contracts/src/column-type.ts'],
  ['Errors', 'core/contracts/src/connector-error.ts'],
  ['The manifest', 'core/contracts/src/connector-manifest.ts'],
  ['A form of its own (`@kalla/core/panel`)', 'core/contracts/src/connector-setup.ts'],
  ['Arrow (`@kalla/core/arrow`)', 'core/contracts/src/arrow-schema.ts'],
  ['Batches from texts (`@kalla/core/arrow`)', 'core/contracts/src/batch-of.ts'],
  ['The conformance kit (`@kalla/testkit`)', 'core/testkit/src/test-connector.ts'],
  ['What the kit has to know', 'core/testkit/src/subject.ts'],
];

export const PAGE = join(ROOT, 'docs', 'connector-api.md');

/** @returns {Promise<string>} the page as Markdown */
export async function connectorApi() {
  const chapters = await Promise.all(
    CHAPTERS.map(async ([title, path]) => {
      const text = await readFile(join(ROOT, String(path)), 'utf8');
      const file = ts.createSourceFile(String(path), text, ts.ScriptTarget.ES2023, true);
      const code = file.statements.filter(isExported).map((statement) => shown(statement, file));
      return `## ${title}\n\n\`\`\`ts\n${code.join('\n\n')}\n\`\`\`\n`;
    }),
  );
  return `# Connector API\n\nMade from the source by \`scripts/write-connector-api.mjs\`. The guide is [core/contracts/README.md](../core/contracts/README.md).\n\n${chapters.join('\n')}`;
}

/** @param {ts.Statement} statement */
function isExported(statement) {
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false)
  );
}

/**
 * The doc comment and the declaration; of a function only what it takes and returns.
 *
 * @param {ts.Statement} statement
 * @param {ts.SourceFile} file
 */
function shown(statement, file) {
  const comments = ts.getJSDocCommentsAndTags(statement).filter(ts.isJSDoc);
  const from = comments[0]?.getStart(file) ?? statement.getStart(file);
  const to = ts.isFunctionDeclaration(statement) && statement.body ? statement.body.getStart(file) : statement.end;
  const code = file.text.slice(from, to).trimEnd();
  return ts.isFunctionDeclaration(statement) ? `${code};` : code;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  await writeFile(PAGE, await connectorApi());
