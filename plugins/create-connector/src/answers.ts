import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { connectorKinds, type ConnectorKind } from '@kalla/core';
import { messages } from './messages.ts';
import { idFault, packageFault, titleFault, titleOf } from './names.ts';

/** What a package is made of. */
export interface Answers {
  /** Folder, scheme and id of the connector: `my-source`. */
  id: string;
  /** What people read: `My source`. */
  title: string;
  /** Name of the package: `kalla-connector-my-source`. */
  packageName: string;
  /** Where the setup of a source offers it. */
  kind: ConnectorKind;
  /** It brings a panel of its own for its settings, in place of the form that Kalla draws. */
  panel: boolean;
}

/** Something to tell the person and to end with: no fault of ours. */
export class Refusal extends Error {}

/** Asks one question. `fallback` is what an empty answer means. */
export type Ask = (question: string, fallback: string) => Promise<string>;

/** What the command line says. Throws `Refusal` for what is not understood. */
export function readFlags(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        title: { type: 'string' },
        package: { type: 'string' },
        kind: { type: 'string' },
        panel: { type: 'boolean' },
        'no-panel': { type: 'boolean' },
        yes: { type: 'boolean', short: 'y' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (positionals.length > 1) throw new Refusal(messages.oneName);
    return { ...values, id: positionals[0] };
  } catch (error) {
    if (error instanceof TypeError && 'code' in error) throw new Refusal(`${error.message}\n\n${messages.usage}`);
    throw error;
  }
}

/**
 * Takes each answer from the flags, else asks for it, else takes what is usual. `ask` is absent where nobody can answer.
 *
 * @throws Refusal with a sentence where an answer does not fit
 */
export async function answersOf(flags: ReturnType<typeof readFlags>, ask?: Ask): Promise<Answers> {
  const answer = async (
    given: string | undefined,
    question: string,
    fallback: string,
    fault: (text: string) => string | null,
  ): Promise<string> => {
    for (;;) {
      const text = (given ?? (await ask?.(question, fallback)) ?? fallback).trim() || fallback;
      const why = fault(text);
      if (why === null) return text;
      if (given !== undefined || !ask) throw new Refusal(why);
      process.stdout.write(`${why}\n`);
    }
  };
  if (flags.id !== undefined) {
    const why = idFault(flags.id);
    if (why !== null) throw new Refusal(why);
  }
  const id = await answer(flags.id, messages.askId, 'my-source', idFault);
  const title = await answer(flags.title, messages.askTitle, titleOf(id), titleFault);
  const kind = await answer(flags.kind, messages.askKind, 'database', kindFault);
  const panelFlag = flags.panel ? 'yes' : flags['no-panel'] ? 'no' : undefined;
  const panel = await answer(panelFlag, messages.askPanel, 'no', yesOrNoFault);
  const packageName = flags.package ?? `kalla-connector-${id}`;
  const why = packageFault(packageName);
  if (why !== null) throw new Refusal(why);
  return { id, title, packageName, kind: kind as ConnectorKind, panel: /^y/i.test(panel) };
}

function yesOrNoFault(text: string): string | null {
  return /^(y|yes|n|no)$/i.test(text) ? null : messages.notYesOrNo;
}

function kindFault(kind: string): string | null {
  return connectorKinds.some((one) => one === kind) ? null : messages.notAKind(kind, connectorKinds);
}

/** Asks at the terminal. Ctrl-C and Ctrl-D are a `Refusal`: who presses them has changed their mind. */
export function terminal(
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stdout,
): { ask: Ask; close(): void } {
  const lines = createInterface({ input, output, terminal: true });
  return {
    ask: async (question, fallback) => {
      try {
        return await lines.question(`${question} (${fallback}) `);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // The second: pressed while no question stood there, which ends the reading.
        if (code === 'ABORT_ERR' || code === 'ERR_USE_AFTER_CLOSE') throw new Refusal(`\n${messages.stopped}`);
        throw error;
      }
    },
    close: () => lines.close(),
  };
}
