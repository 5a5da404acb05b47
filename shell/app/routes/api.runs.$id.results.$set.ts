import { api, json } from '../server/http/api-handler.server.ts';
import { readQuery } from '../server/http/read-input.server.ts';
import { resultDownload, resultQuerySchema, resultRows } from '../server/runs/results.server.ts';

const handlers = api({
  GET: async ({ request, url, param }) => {
    const query = readQuery(url, resultQuerySchema);
    const { format } = query;
    if (format === 'json') return json(await resultRows(param('id'), param('set'), query, request.signal));
    return resultDownload(param('id'), param('set'), { ...query, format }, request.signal);
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
