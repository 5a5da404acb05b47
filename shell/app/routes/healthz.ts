import { sql } from 'drizzle-orm';
import { api, json } from '../server/http/api-handler.server.ts';
import { services } from '../server/services.server.ts';

/** `GET /healthz`: 200 while the database answers. */
const handlers = api({
  GET: async () => {
    await services().db.execute(sql`select 1`);
    return json({ ok: true });
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
