#!/usr/bin/env node
import { answersOf, readFlags, Refusal, terminal } from './answers.ts';
import { messages } from './messages.ts';
import { scaffold } from './scaffold.ts';

/** `npm create @kalla/connector my-source`. Asks what the flags do not say, and makes the package. */
async function main(): Promise<void> {
  const flags = readFlags(process.argv.slice(2));
  if (flags.help) return say(messages.usage);
  const asks = process.stdin.isTTY && process.stdout.isTTY && !flags.yes ? terminal() : null;
  try {
    const answers = await answersOf(flags, asks?.ask);
    await scaffold(answers, process.cwd());
    say(messages.made(answers));
  } finally {
    asks?.close();
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
