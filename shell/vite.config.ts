import { reactRouter } from '@react-router/dev/vite';
import { defineConfig } from 'vite';

/**
 * The browser's bundle is made from the sources of our packages, so that a page carries only the components it uses.
 * On the server the contracts stay outside of the bundle: classes such as `ProblemError` must exist once in the process.
 */
export default defineConfig({
  plugins: [
    reactRouter(),
    {
      name: 'kalla-source',
      // React Router sets the conditions of each environment, so this one is added there and not at the top.
      configEnvironment: () => ({ resolve: { conditions: ['kalla-source'] } }),
    },
  ],
  ssr: { external: ['@kalla/core', '@kalla/object-store'] },
  build: { target: 'es2022', assetsInlineLimit: 0 },
});
