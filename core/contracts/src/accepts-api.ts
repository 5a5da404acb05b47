import { CONNECTOR_API_VERSION } from './connector.ts';

/**
 * True where a manifest's `api` range takes in the connector API of this Kalla, 1.0.0. The ranges that a manifest needs are
 * `1`, `1.x`, `^1.0.0`, `~1.0.0` and `1.0.0`; anything else is not accepted rather than guessed.
 *
 * @example
 * acceptsApi('^1.0.0') === true; acceptsApi('^2.0.0') === false;
 */
export function acceptsApi(range: string): boolean {
  const match = /^([\^~]?)(\d+)(?:\.(\d+|x|\*))?(?:\.(\d+|x|\*))?$/.exec(range.trim());
  if (!match) return false;
  const [, , major, minor = 'x', patch = 'x'] = match;
  const zeroOrAny = (part: string) => part === '0' || part === 'x' || part === '*';
  return Number(major) === CONNECTOR_API_VERSION && zeroOrAny(minor) && zeroOrAny(patch);
}
