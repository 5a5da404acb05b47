import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['kalla-source'] },
  ssr: { resolve: { conditions: ['kalla-source'] } },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: ['./testing/global-setup.ts'],
    include: ['{core,plugins,shell,worker,benchmarks,scripts,testing}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/build/**'],
  },
});
