import { api } from '../server/http/api-handler.server.ts';
import { docsFile } from '../server/openapi/docs-page.server.ts';

const handlers = api({ GET: ({ param }) => docsFile(param('file')) });
export const loader = handlers.loader;
export const action = handlers.action;
