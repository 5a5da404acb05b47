import { index, route, type RouteConfig } from '@react-router/dev/routes';
import { apiRoutes } from './api-routes.ts';

export default [
  index('pages/home.tsx'),
  route('recipes/new', 'pages/recipe-new.tsx'),
  route('recipes/:id', 'pages/recipe.tsx'),
  route('recipes/:id/run', 'pages/run-recipe.tsx'),
  route('runs', 'pages/runs.tsx'),
  route('runs/:id', 'pages/run.tsx'),
  route('sources', 'pages/sources.tsx'),
  route('sources/new', 'pages/source-new.tsx'),
  route('sources/:alias', 'pages/source-edit.tsx'),
  // For a source that is called "new".
  route('sources/:alias/edit', 'pages/source-edit.tsx', { id: 'pages/source-edit-named' }),
  route('settings/connectors', 'pages/connectors.tsx'),
  route('handover', 'pages/handover.tsx'),
  route('panels/*', 'federation/asset-route.ts'),
  ...apiRoutes,
  route('*', 'pages/not-found.tsx'),
] satisfies RouteConfig;
