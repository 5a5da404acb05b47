import { defineConfig } from 'tsup';
import { base } from '../tsup.base.ts';

export default defineConfig(base(['server.ts'], { external: [/^\.\.\/build\//, 'vite'] }));
