import type { RouteConfigEntry } from '@react-router/dev/routes';
import type { ServerBuild } from 'react-router';
import { apiRoutes } from '../app/api-routes.ts';

/** The API's routes from their sources as React Router wants a build: what `react-router build` makes, without the pages. */
export async function apiBuild(): Promise<ServerBuild> {
  const modules = await Promise.all(apiRoutes.map(async (entry) => [entry, await load(entry)] as const));
  const routes = Object.fromEntries([
    ['root', { id: 'root', path: '', module: { default: () => null } }],
    ...modules.map(([entry, module]) => [
      entry.id ?? entry.file,
      { id: entry.id ?? entry.file, parentId: 'root', path: entry.path, module },
    ]),
  ]);
  return {
    entry: {
      module: {
        default: (_request: Request, status: number) => new Response('no pages in this test', { status }),
      },
    },
    routes,
    assets: { entry: { imports: [], module: '' }, routes: {}, url: '', version: '1' },
    basename: '/',
    publicPath: '/',
    assetsBuildDirectory: '',
    future: {},
    isSpaMode: false,
    ssr: true,
    prerender: [],
    routeDiscovery: { mode: 'initial' },
  } as unknown as ServerBuild;
}

function load(entry: RouteConfigEntry): Promise<Record<string, unknown>> {
  return import(/* @vite-ignore */ `../app/${entry.file}`) as Promise<Record<string, unknown>>;
}
