import { aliasSchema, handoverInputSchema } from '@kalla/core';
import { api, json } from '../server/http/api-handler.server.ts';
import { parseInput, readOptionalJson } from '../server/http/read-input.server.ts';
import { endHandover, handoverState, startHandover } from '../server/sources/handover.server.ts';

const handlers = api({
  GET: async ({ param }) => json(await handoverState(param('alias'))),
  POST: async ({ request, url, param }) => {
    const { type } = await readOptionalJson(request, handoverInputSchema);
    const alias = type === undefined ? param('alias') : parseInput(aliasSchema, param('alias'), ['alias']);
    // A browser says how it reached us, https in front of a proxy included; the guard has compared it with the host.
    const origin = request.headers.get('origin') ?? url.origin;
    return json(await startHandover(alias, type, origin), 201);
  },
  DELETE: async ({ param }) => {
    await endHandover(param('alias'));
    return new Response(null, { status: 204 });
  },
});
export const loader = handlers.loader;
export const action = handlers.action;
