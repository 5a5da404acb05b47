import type { ConnectorInstall, InstallEvent, Problem } from '@kalla/core';
import { eventStream } from '../http/api-handler.server.ts';
import { isInternal, problemOfAny } from '../http/problems.server.ts';
import { services } from '../services.server.ts';
import { installConnector } from './install-connector.server.ts';

/**
 * Installs and tells of each step as it begins, as server-sent events: the last is what was installed, or a `problem`. Who stops
 * listening cancels the installation.
 */
export function followInstall(request: ConnectorInstall, gone: AbortSignal): Response {
  const left = new AbortController();
  const text = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (lines: string) => {
        if (!left.signal.aborted) controller.enqueue(text.encode(lines));
      };
      const event = (value: InstallEvent) => write(`data: ${JSON.stringify(value)}\n\n`);
      void installConnector(request, AbortSignal.any([gone, left.signal]), (step, message) => event({ step, message }))
        .then((installed) => event({ installed }))
        .catch((error: unknown) => write(`event: problem\ndata: ${JSON.stringify(toldOf(error))}\n\n`))
        .then(() => {
          if (!left.signal.aborted) controller.close();
        });
    },
    cancel: () => left.abort(),
  });
  return eventStream(body);
}

function toldOf(error: unknown): Problem {
  const found = problemOfAny(error);
  if (isInternal(found)) services().log.error({ error }, 'an installation failed');
  return found;
}
