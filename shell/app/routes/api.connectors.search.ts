import { z } from 'zod';
import { searchConnectors } from '../server/connectors/connectors.server.ts';
import { api, json } from '../server/http/api-handler.server.ts';
import { readQuery } from '../server/http/read-input.server.ts';

const query = z.object({ q: z.string().max(200, 'Search for at most 200 characters.').default('') });

const handlers = api({
  GET: async ({ request, url }) => json({ packages: await searchConnectors(readQuery(url, query).q, request.signal) }),
});
export const loader = handlers.loader;
export const action = handlers.action;
