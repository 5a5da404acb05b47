import { defineConfig } from 'tsup';
import { base, withDuckdb } from '../tsup.base.ts';

// The sink thread is an entry of its own because a worker thread needs a file to start from.
export default defineConfig(
  base(['src/index.ts', 'src/child.ts', 'src/staging/arrow-sink/sink-thread.ts'], withDuckdb),
);
