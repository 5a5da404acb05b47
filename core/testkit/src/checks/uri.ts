import { must, mustNotReveal, type ConnectorCheck } from '../check.ts';

/** A connection string fills the form, and comes back without its secret. */
export const uriCheck: ConnectorCheck = {
  title: 'reads a connection string, and writes it again without what is secret',
  async run({ plugin, config, uri, fixtures, secrets }) {
    const read = plugin.fromUri(uri);
    must(plugin.config.safeParse(read.config).success, 'What "fromUri" makes of the URI does not pass the schema.');
    const shown = plugin.toUri(config, fixtures.exact.table);
    mustNotReveal(secrets, shown, 'the URI');
    const again = plugin.fromUri(shown);
    must(
      plugin.toUri(again.config, again.table) === shown,
      `The URI changes when it is read and written again: ${shown} becomes ${plugin.toUri(again.config, again.table)}.`,
    );
  },
};
