import { api, json } from '../server/http/api-handler.server.ts';
import { getRun, removeRun } from '../server/runs/runs.server.ts';

const handlers = api({
  GET: async ({ param }) => json(await getRun(param('id'))),
  DELETE: async ({ param }) => {
    await removeRun(param('id'));
    return json({ run_id: param('id') }, 202);
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
