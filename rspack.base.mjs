import { ModuleFederationPlugin } from '@module-federation/enhanced/rspack';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Comes from the shell and is never bundled; `strictVersion` makes a wrong version an error in place of a warning. */
const fromShell = (version) => ({
  singleton: true,
  import: false,
  requiredVersion: `^${version}`,
  strictVersion: true,
});

/**
 * What every panel is built with: one federated remote, as the `kalla` block of the package says.
 *
 * @param {string} here `import.meta.url` of the panel's `rspack.config.mjs`
 * @example export default panel(import.meta.url);
 */
export function panel(here) {
  const { kalla, devDependencies, dependencies } = JSON.parse(readFileSync(new URL('./package.json', here), 'utf8'));
  const [{ remote, expose, source }] = kalla.panels;
  return {
    mode: 'production',
    context: fileURLToPath(new URL('.', here)),
    target: ['web', 'es2022'],
    entry: {},
    devtool: 'source-map',
    output: {
      path: fileURLToPath(new URL('./dist', here)),
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
      new ModuleFederationPlugin({
        name: remote,
        filename: 'remoteEntry.[contenthash:8].js',
        manifest: true,
        dts: false,
        experiments: { externalRuntime: true, optimization: { target: 'web' } },
        exposes: { [expose]: source },
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
  };
}
