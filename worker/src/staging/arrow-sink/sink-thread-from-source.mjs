// Starts the sink thread from TypeScript in tests and in development. A worker thread does not take over the loader of
// its parent, so it registers its own. The built worker starts sink-thread.js directly and does not have this file.
import { register } from 'tsx/esm/api';

register();
await import('./sink-thread.ts');
