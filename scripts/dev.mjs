// @ts-check
import './lib/node-version.mjs';
import { runKalla } from './lib/kalla.mjs';
import { rebuildOnChange } from './lib/rebuild.mjs';
import { main } from './lib/user-error.mjs';

/** As `npm start`, and a change shows at once: pages and panels by Vite, worker, connectors and server by a restart. */
await main(() =>
  runKalla({
    development: true,
    onReady: ({ worker, shell }) => {
      if (worker) {
        const sources = ['worker/src', 'core/contracts/src', 'core/object-store/src', 'plugins/connectors'];
        rebuildOnChange(sources, '@kalla/worker', () => worker.restart());
      }
      // The pages are Vite's; what runs outside of it is the server around them.
      rebuildOnChange(['shell/server.ts', 'shell/app/server', 'core/contracts/src'], '@kalla/shell', () =>
        shell.restart(),
      );
    },
  }),
);
