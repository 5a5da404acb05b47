import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['kalla-source'] },
  ssr: { resolve: { conditions: ['kalla-source'] } },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // Generous: it ends a test that hangs. How long something takes is told by `benchmarks/`, on a machine that does nothing else.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    globalSetup: ['./testing/global-setup.ts'],
    include: ['{core,plugins,shell,worker,benchmarks,scripts,testing}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/build/**'],
  },
});
