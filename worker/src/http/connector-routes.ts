import type { HttpBindings } from '@hono/node-server';
import { connectorTrialSchema, PROBLEM_BASE, ProblemError } from '@kalla/core';
import { Hono } from 'hono';
import type { Inspector } from '../processes/inspector.ts';
import { ProcessLostError } from '../processes/task-process.ts';
import { clientGone } from './client-gone.ts';
import { readBody } from './read-body.ts';

/** A connector that is well loads in far less than a second. */
const TRIAL_MS = 20_000;

/** `POST /connectors/try`: loads a package's connectors in a process of their own and says what is wrong with them. */
export function connectorRoutes(inspector: Inspector): Hono<{ Bindings: HttpBindings }> {
  const routes = new Hono<{ Bindings: HttpBindings }>();
  routes.post('/connectors/try', async (context) => {
    const trial = await readBody(context, connectorTrialSchema);
    try {
      const result = await inspector.run(
        { kind: 'try-connector', trial },
        { signal: clientGone(context), timeoutMs: TRIAL_MS, alone: true },
      );
      return context.json(result as object);
    } catch (error) {
      throw inWords(error);
    }
  });
  return routes;
}

/** How a process ends is what the package did to it: its fault and not ours. */
function inWords(error: unknown): unknown {
  if (!(error instanceof ProblemError)) return error;
  if (error.problem.type === `${PROBLEM_BASE}timeout`)
    return new ProblemError(
      'validation',
      `Its code was still busy ${TRIAL_MS / 1000} seconds after it was loaded, as an endless loop would be. It was stopped.`,
      undefined,
      error,
    );
  if (!(error.cause instanceof ProcessLostError)) return error;
  const { code, signal } = error.cause.end;
  return new ProblemError(
    'validation',
    signal
      ? `Its code brought down the process that loaded it (${signal}).`
      : `Its code ended the process that loaded it (exit code ${code}). A connector never does that.`,
    undefined,
    error,
  );
}
