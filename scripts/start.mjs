// @ts-check
import './lib/node-version.mjs';
import { runKalla } from './lib/kalla.mjs';
import { main } from './lib/user-error.mjs';

await main(() => runKalla({ development: false }));
