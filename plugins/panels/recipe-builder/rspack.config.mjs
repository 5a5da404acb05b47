import { ModuleFederationPlugin } from '@module-federation/enhanced/rspack';
import { defineConfig } from '@rspack/cli';
import { readFileSync } from 'node:fs';

const { kalla, devDependencies, dependencies } = JSON.parse(
  readFileSync(new URL('./package.json', import.meta.url), 'utf8'),
);
const [panel] = kalla.panels;

/** Comes from the shell and is never bundled; `strictVersion` makes a wrong version an error in place of a warning. */
const fromShell = (version) => ({
  singleton: true,
  import: false,
  requiredVersion: `^${version}`,
  strictVersion: true,
});

export default defineConfig({
  mode: 'production',
  target: ['web', 'es2022'],
  entry: {},
  devtool: 'source-map',
  output: {
    path: new URL('./dist', import.meta.url).pathname,
    clean: true,
    publicPath: 'auto',
    uniqueName: panel.remote,
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
    new ModuleFederationPlugin({
      name: panel.remote,
      filename: 'remoteEntry.[contenthash:8].js',
      manifest: true,
      dts: false,
      experiments: { externalRuntime: true, optimization: { target: 'web' } },
      exposes: { [panel.expose]: panel.source },
      shared: {
        react: fromShell(devDependencies.react),
        'react-dom': fromShell(devDependencies['react-dom']),
        'react/jsx-runtime': fromShell(devDependencies.react),
        '@kalla/core': fromShell(dependencies['@kalla/core']),
        '@kalla/core/panel': fromShell(dependencies['@kalla/core']),
        '@kalla/ui': fromShell(dependencies['@kalla/ui']),
      },
    }),
  ],
  optimization: { splitChunks: false, runtimeChunk: false },
  performance: false,
});
