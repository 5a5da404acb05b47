import { api } from '../server/http/api-handler.server.ts';
import { docsPage } from '../server/openapi/docs-page.server.ts';

const handlers = api({ GET: ({ nonce }) => docsPage(nonce) });
export const loader = handlers.loader;
export const action = handlers.action;
