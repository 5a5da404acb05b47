import { rollBack } from '../server/connectors/connectors.server.ts';
import { packageParam } from '../server/connectors/package-param.server.ts';
import { api, json } from '../server/http/api-handler.server.ts';

const handlers = api({
  POST: async ({ request, param }) => json(await rollBack(packageParam(param), request.signal)),
});
export const loader = handlers.loader;
export const action = handlers.action;
