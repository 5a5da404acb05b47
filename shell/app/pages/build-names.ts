import type { ConnectorBuild } from '@kalla/core';
import { messages } from '../messages.ts';

const text = messages.connectors;

/**
 * How two builds of a package are called: by their versions; where those are the same, also by when each was installed, and where
 * that does not tell them apart either, by their checksums.
 *
 * @param moment writes an instant, to the minute
 */
export function buildNames(
  build: ConnectorBuild,
  other: ConnectorBuild | null,
  moment: (iso: string) => string,
): { build: string; other: string } {
  if (other === null || other.version !== build.version) return { build: build.version, other: other?.version ?? '' };
  const at = (one: ConnectorBuild) => (one.installed_at === null ? null : moment(one.installed_at));
  const tell = at(build) === at(other) || at(build) === null || at(other) === null;
  const name = (one: ConnectorBuild) => text.buildName(one.version, at(one), tell ? one.checksum : null);
  return { build: name(build), other: name(other) };
}
