import { api, json } from '../server/http/api-handler.server.ts';
import { openApiDocument } from '../server/openapi/document.server.ts';

const handlers = api({ GET: () => json(openApiDocument()) });
export const loader = handlers.loader;
export const action = handlers.action;
