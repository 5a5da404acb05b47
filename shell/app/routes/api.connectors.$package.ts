import { removeConnector } from '../server/connectors/connectors.server.ts';
import { packageParam } from '../server/connectors/package-param.server.ts';
import { api } from '../server/http/api-handler.server.ts';

const handlers = api({
  DELETE: async ({ param }) => {
    await removeConnector(packageParam(param));
    return new Response(null, { status: 204 });
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
