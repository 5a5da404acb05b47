// @ts-check
import './node-version.mjs';

export { ensureBuilt } from './built.mjs';
export { ensureInstalled } from './installed.mjs';
