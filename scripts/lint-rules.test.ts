import { join } from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, test } from 'vitest';
import { ROOT } from './lib/paths.mjs';

// Types are left out: a snippet is no file of any project. The rules under test do not use them.
const eslint = new ESLint({
  cwd: ROOT,
  overrideConfig: [
    {
      languageOptions: { parserOptions: { projectService: false } },
      rules: {
        '@typescript-eslint/no-floating-promises': 'off',
        '@typescript-eslint/no-misused-promises': 'off',
        '@typescript-eslint/await-thenable': 'off',
        '@typescript-eslint/only-throw-error': 'off',
        '@typescript-eslint/switch-exhaustiveness-check': 'off',
        '@typescript-eslint/no-unused-vars': 'off',
      },
    },
  ],
});

async function rulesBroken(path: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: join(ROOT, path) });
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message);
}

describe('boundaries', () => {
  test.each([
    ['core/contracts/src/x.ts', '@kalla/object-store'],
    ['core/contracts/src/x.ts', '@kalla/connector-csv'],
    ['core/ui/src/x.ts', '@kalla/shell'],
    ['core/object-store/src/x.ts', '../../../worker/src/task-contract.ts'],
    ['plugins/connectors/csv/src/x.ts', '@kalla/worker'],
    ['plugins/connectors/csv/src/x.ts', '@kalla/connector-parquet'],
    ['plugins/connectors/csv/src/x.ts', '../../parquet/src/index.ts'],
    ['plugins/panels/run-viewer/src/x.tsx', '@kalla/shell'],
    ['shell/app/x.ts', '@kalla/worker'],
    ['shell/app/x.ts', '../../worker/src/task-contract.ts'],
    ['shell/app/x.ts', '@kalla/connector-postgres'],
    ['worker/src/x.ts', '@kalla/shell'],
    ['worker/src/x.ts', '@kalla/connector-csv'],
    ['worker/src/x.ts', '../../core/contracts/src/index.ts'],
    ['worker/src/x.ts', '../../testing/require-part.ts'],
  ])('%s must not import %s', async (path, specifier) => {
    for (const code of [
      `import { x } from '${specifier}';\nx();\n`,
      `export * from '${specifier}';\n`,
      `export const x = await import('${specifier}');\n`,
    ]) {
      expect(await rulesBroken(path, code)).toContain('kalla/boundaries');
    }
  });

  test.each([
    ['core/ui/src/x.ts', '@kalla/core'],
    ['plugins/connectors/csv/src/x.ts', '@kalla/core/arrow'],
    ['plugins/panels/run-viewer/src/x.tsx', '@kalla/ui'],
    ['shell/app/x.ts', '@kalla/object-store'],
    ['worker/src/engine/x.ts', '../task-contract.ts'],
    ['worker/src/x.test.ts', '../../testing/require-part.ts'],
    ['shell/app/x.ts', 'react'],
  ])('%s may import %s', async (path, specifier) => {
    expect(await rulesBroken(path, `import { x } from '${specifier}';\nx();\n`)).toEqual([]);
  });
});

describe('money', () => {
  test.each([
    'export const x = parseFloat(text);',
    'export const x = Number.parseFloat(text);',
    'export const x = Number(row.amount);',
    "export const x = Number(row['left_amount']);",
    'export const x = Number(row.totalAmount!);',
    'export const x = Number(String(balance));',
    'export const x = parseInt(price, 10);',
    'export const x = +row.sum;',
    'export const x = +openingBalance;',
    'export const x = row.amount.toFixed(2);',
  ])('%s', async (code) => {
    const declared = `declare const text: string, row: any, balance: any, price: any, openingBalance: any;\n`;
    expect(await rulesBroken('worker/src/x.ts', `${declared}${code}\n`)).toContain('kalla/money');
  });

  test.each(['Number(row.total_rows)', 'Number(match[1])', '+page', 'Number(summary)', 'ms.toFixed(1)'])(
    '%s is no money',
    async (code) => {
      const declared =
        'declare const row: { total_rows: string }, match: string[], page: string, summary: string, ms: number;\n';
      expect(await rulesBroken('worker/src/x.ts', `${declared}export const x = ${code};\n`)).toEqual([]);
    },
  );
});

describe('house rules', () => {
  test('console is for scripts only', async () => {
    expect(await rulesBroken('worker/src/x.ts', "console.log('x');\n")).toContain('no-console');
    expect(await rulesBroken('scripts/x.mjs', "console.log('x');\n")).toEqual([]);
  });

  test('an empty catch is refused, one with only a comment too', async () => {
    for (const body of ['', '/* nothing to do */']) {
      const broken = await rulesBroken(
        'worker/src/x.ts',
        `try {\n  run();\n} catch {${body}}\ndeclare function run(): void;\n`,
      );
      expect(broken).toContain('no-restricted-syntax');
    }
  });
});

test('a forgotten await is seen in a real file', async () => {
  const typed = new ESLint({ cwd: ROOT });
  const code = 'export async function f(): Promise<void> {}\nf();\n';
  // A file of the project, with other content: the parser needs to know its tsconfig.
  const [result] = await typed.lintText(code, { filePath: join(ROOT, 'core/contracts/src/sql.ts') });
  expect(result?.messages.map((message) => message.ruleId)).toContain('@typescript-eslint/no-floating-promises');
});
