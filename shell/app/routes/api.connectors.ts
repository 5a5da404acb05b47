import { connectorInstallSchema } from '@kalla/core';
import { installConnector } from '../server/connectors/install-connector.server.ts';
import { followInstall } from '../server/connectors/follow-install.server.ts';
import { listConnectors } from '../server/connectors/connectors.server.ts';
import { api, json } from '../server/http/api-handler.server.ts';
import { wantsEvents } from '../server/http/follow-work.server.ts';
import { readJson } from '../server/http/read-input.server.ts';

const handlers = api({
  GET: async ({ request }) => json(await listConnectors(request.signal)),
  POST: async ({ request }) => {
    const wanted = await readJson(request, connectorInstallSchema);
    if (wantsEvents(request)) return followInstall(wanted, request.signal);
    return json(await installConnector(wanted, request.signal), 201);
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
