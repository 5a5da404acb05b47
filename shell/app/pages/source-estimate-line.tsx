import type { SourceEstimate } from '@kalla/core';
import { formatBytes, formatCount, useLocale } from '@kalla/ui';
import { useEffect, useState } from 'react';
import { request } from '../federation/api-client.ts';
import { messages } from '../messages.ts';

/**
 * How much of a registered source a run will read, where the source says so: some services bill by it. Nothing is shown while
 * that is not known, nor where it cannot be: the run itself says what is wrong with a source.
 */
export function SourceEstimateLine({ alias }: { alias: string }) {
  const locale = useLocale();
  const [estimate, setEstimate] = useState<SourceEstimate | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    request<SourceEstimate>('GET', `/api/sources/${encodeURIComponent(alias)}/estimate`, undefined, stop.signal).then(
      setEstimate,
      () => setEstimate(null),
    );
    return () => stop.abort();
  }, [alias]);
  const { bytes = null, rows = null } = estimate ?? {};
  return (
    <p className="k-soft" role="status">
      {bytes === null
        ? ''
        : messages.start.estimate(formatBytes(bytes, locale), rows === null ? null : formatCount(rows, locale))}
    </p>
  );
}
