import { existsSync } from 'node:fs';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { findPostgres, startPostgres } from './postgres.mjs';

describe.skipIf(!findPostgres())('startPostgres', () => {
  it('starts a server with TLS that asks for its password, and leaves nothing behind', async () => {
    const server = await startPostgres({ tls: true });
    try {
      const url = new URL(server.url);
      const settings = { host: '127.0.0.1', port: server.port, user: 'postgres', database: 'postgres' };
      const ssl = { ca: server.certificate ?? '' };
      const client = new pg.Client({ ...settings, password: url.password, ssl });
      await client.connect();
      const { rows } = await client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      expect(rows).toEqual([{ ssl: true }]);
      await client.end();
      const stranger = new pg.Client({ ...settings, password: 'wrong', ssl });
      await expect(stranger.connect()).rejects.toThrow('password authentication failed');
    } finally {
      await server.stop();
      await server.stop();
    }
    expect(existsSync(server.dataDir)).toBe(false);
  });
});
