import type { TableRef } from '@kalla/core';
import { must, type ConnectorCheck } from '../check.ts';
import { calm, withConnection } from '../test-host.ts';

export const listTablesCheck: ConnectorCheck = {
  title: 'lists tables page by page, each once, with ids that can be described',
  async run({ plugin, config, fixtures }) {
    await withConnection(plugin, fixtures.exact.config ?? config, async (connection) => {
      const tables: TableRef[] = [];
      let cursor: string | undefined;
      for (let page = 0; ; page += 1) {
        must(page < 10_000, 'The list of tables does not end.');
        const { items, next } = await connection.listTables({ limit: 1, ...(cursor ? { cursor } : {}) }, calm());
        must(items.length <= 1, `A page of one table has ${items.length}.`);
        tables.push(...items);
        if (next === null) break;
        cursor = next;
      }
      const ids = tables.map(({ id }) => id);
      must(new Set(ids).size === ids.length, `A table is listed twice: ${ids.join(', ')}`);
      must(ids.length > 0, 'No table is listed.');
      const wanted = fixtures.exact.table ?? ids[0]!;
      must(ids.includes(wanted), `The table "${wanted}" is not in the list: ${ids.join(', ')}`);
      const { table } = await connection.describe(wanted, calm());
      must(table.id === wanted, `The table "${wanted}" describes itself as "${table.id}".`);
      const found = await connection.listTables(
        { q: tables.find(({ id }) => id === wanted)!.name.slice(0, 4) },
        calm(),
      );
      must(
        found.items.some(({ id }) => id === wanted),
        'A search by the beginning of its name does not find a table.',
      );
    });
  },
};
