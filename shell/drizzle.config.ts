import { defineConfig } from 'drizzle-kit';

/** `npx drizzle-kit generate` writes the SQL of a changed schema into `drizzle/`; the shell applies it when it starts. */
export default defineConfig({ dialect: 'postgresql', schema: './app/server/db/schema.server.ts', out: './drizzle' });
