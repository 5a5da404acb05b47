import type { LoaderFunctionArgs } from 'react-router';
import { servePanelAsset } from './panel-assets.server.ts';
import { servedPanels } from './panel-registry.server.ts';

/** `GET /panels/<package>/<hash>/<file>` */
export function loader({ params }: LoaderFunctionArgs): Promise<Response> {
  return servePanelAsset(params['*'] ?? '', servedPanels());
}
