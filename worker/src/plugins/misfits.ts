import {
  ConnectorError,
  issueSentence,
  type ConnectorPlugin,
  type ConnectorTrial,
  type SourceMisfit,
} from '@kalla/core';
import { redact } from '../redact.ts';

type SavedSource = ConnectorTrial['sources'][number];

/** Of the settings of one source: the first few say enough. */
const MOST = 5;
const WORDS = 300;

/**
 * What a connector finds wrong with the settings, or with the address, of what was saved with another version of it. Nothing is
 * connected to. What a connector says of its own is anyone's text: no value of a setting is repeated from it.
 *
 * @example
 * misfitsOf({ alias: 'bank', type: 'acme', config: {} }, plugin, false)
 * // [{ alias: 'bank', type: 'acme', setting: 'region', missing: true, message: 'This is missing (string).' }]
 */
export function misfitsOf(source: SavedSource, plugin: ConnectorPlugin, readsFiles: boolean): SourceMisfit[] {
  const { alias, type, uri } = source;
  let { config, table }: { config?: unknown; table?: string | undefined } = source;
  const misfit = (setting: string | null, missing: boolean, text: string): SourceMisfit => ({
    alias,
    type,
    setting,
    missing,
    message: withoutValues(redact(text.split('\n')[0] ?? ''), config).slice(0, WORDS),
  });
  if (config === undefined) {
    try {
      if (readsFiles) config = { uri };
      else ({ config, table } = plugin.fromUri(uri ?? ''));
    } catch (error) {
      config = { uri };
      // What a URL parser says may hold the whole address.
      return [misfit(null, false, ConnectorError.is(error) ? error.message : 'It is not understood.')];
    }
  }
  const parsed = plugin.config.safeParse(config);
  if (!parsed.success)
    return parsed.error.issues.slice(0, MOST).map((issue) => {
      const path = issue.path.map(String);
      return misfit(path.length > 0 ? path.join('.') : null, !has(config, path), issueSentence(issue));
    });
  try {
    plugin.toUri(parsed.data, table);
    return [];
  } catch (error) {
    return [misfit(null, false, error instanceof Error ? error.message : 'Its settings make no address.')];
  }
}

function has(config: unknown, path: readonly string[]): boolean {
  const value = path.reduce<unknown>(
    (inner, name) => (inner as Record<string, unknown> | null | undefined)?.[name],
    config,
  );
  return value !== undefined;
}

/** Takes every text of the settings out of a sentence, which may be a secret. Shorter ones are words of any sentence. */
function withoutValues(sentence: string, value: unknown): string {
  if (typeof value === 'string') return value.length > 3 ? sentence.replaceAll(value, '***') : sentence;
  if (typeof value !== 'object' || value === null) return sentence;
  return Object.values(value).reduce<string>(withoutValues, sentence);
}
