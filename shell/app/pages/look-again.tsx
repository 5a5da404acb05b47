import { useEffect } from 'react';
import { useRevalidator } from 'react-router';
import { messages } from '../messages.ts';

/** Between two looks, in ms. */
const EVERY_MS = 3_000;

/** Says that the page looks again by itself, and does: once Kalla's health check is well, the page is read anew where it stands. */
export function LookAgain() {
  const { revalidate } = useRevalidator();
  useEffect(() => {
    const left = new AbortController();
    const { signal } = left;
    const look = async () => {
      while (!signal.aborted) {
        await new Promise((done) => setTimeout(done, EVERY_MS));
        // The page may be left meanwhile, or Kalla itself not be there: then the next look counts.
        const well = await fetch('/healthz', { signal, cache: 'no-store' }).then(
          (answer) => answer.ok,
          () => false,
        );
        if (well && !signal.aborted) await revalidate();
      }
    };
    void look();
    return () => left.abort();
  }, [revalidate]);
  return <p role="status">{messages.unavailable.again}</p>;
}
