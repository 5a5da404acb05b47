import type { CheckStep } from '@kalla/core';
import { apiErrorOf } from '../federation/api-client.ts';

/**
 * Checks a source and calls back with each step as it is done. The answer is an event stream to a POST, which
 * `EventSource` cannot make.
 */
export async function checkSource(alias: string, onStep: (step: CheckStep) => void): Promise<void> {
  const response = await fetch(`/api/sources/${encodeURIComponent(alias)}/check`, { method: 'POST' });
  if (!response.ok || !response.body) throw await apiErrorOf(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = '';
  for (;;) {
    const { done, value } = await reader.read();
    pending += value ?? '';
    const events = pending.split(/\r?\n\r?\n/);
    pending = events.pop() ?? '';
    for (const event of events) {
      const step = stepOf(event);
      if (step) onStep(step);
    }
    if (done) return;
  }
}

/** The step in one server-sent event, or null for a comment or an event of another kind. */
export function stepOf(event: string): CheckStep | null {
  const lines = event.split(/\r?\n/).filter((line) => line.startsWith('data:'));
  if (lines.length === 0) return null;
  const value: unknown = JSON.parse(lines.map((line) => line.slice(5).trimStart()).join('\n'));
  return value && typeof value === 'object' && 'step' in value ? (value as CheckStep) : null;
}
