import { defineConfig } from 'tsup';
import { base, withDuckdb } from '../../tsup.base.ts';

export default defineConfig(base(['src/index.ts'], { dts: true, ...withDuckdb }));
