/**
 * Builds panel/setup.tsx with rspack into dist/panel, as a federated remote: Kalla serves that folder and loads the panel from it.
 * Used by `npm run build` and `npm run dev`.
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rspack } from '@rspack/core';

const folder = resolve(import.meta.dirname, '..');

/** Kalla has these already: they are never bundled, and a Kalla that has other versions refuses the package in words. */
const SHARED = {
  react: '^19.0.0',
  'react-dom': '^19.0.0',
  'react/jsx-runtime': '^19.0.0',
  '@kalla/core': '>=0.1.0 <2.0.0',
  '@kalla/core/panel': '>=0.1.0 <2.0.0',
  '@kalla/ui': '>=0.1.0 <2.0.0',
};
const fromKalla = (requiredVersion) => ({ singleton: true, import: false, requiredVersion, strictVersion: true });

/** Rejects with what rspack says of the code. */
export async function buildPanel() {
  const { kalla } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const [connector] = kalla.connectors;
  const remote = connector.id.replaceAll('-', '_');
  const compiler = rspack({
    mode: 'production',
    context: folder,
    target: ['web', 'es2022'],
    entry: {},
    devtool: 'source-map',
    output: {
      path: join(folder, 'dist', 'panel'),
      clean: true,
      publicPath: 'auto',
      uniqueName: remote,
      filename: '[name].[contenthash:8].js',
      chunkFilename: '[name].[contenthash:8].js',
      cssFilename: '[name].[contenthash:8].css',
      cssChunkFilename: '[name].[contenthash:8].css',
    },
    resolve: { extensions: ['.tsx', '.ts', '.js'] },
    module: {
      rules: [
        {
          test: /\.tsx?$/,
          loader: 'builtin:swc-loader',
          options: {
            jsc: {
              parser: { syntax: 'typescript', tsx: true },
              transform: { react: { runtime: 'automatic' } },
              target: 'es2022',
            },
          },
        },
        { test: /\.css$/, type: 'css/auto' },
      ],
    },
    plugins: [
      new rspack.container.ModuleFederationPlugin({
        name: remote,
        filename: 'remoteEntry.[contenthash:8].js',
        manifest: true,
        exposes: { [connector.panels[0].expose]: './panel/setup.tsx' },
        shared: Object.fromEntries(Object.entries(SHARED).map(([name, range]) => [name, fromKalla(range)])),
      }),
    ],
    optimization: { splitChunks: false, runtimeChunk: false },
    performance: false,
  });
  try {
    const stats = await new Promise((done, failed) =>
      compiler.run((error, found) => (error ? failed(error) : done(found))),
    );
    if (stats.hasErrors()) throw new Error(stats.toString({ preset: 'errors-only' }));
  } finally {
    await new Promise((done) => compiler.close(done));
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await buildPanel();
  process.stdout.write('Built the panel into dist/panel.\n');
}
