import type { ConnectorSubject } from './subject.ts';

/** One thing that every connector has to do. It throws where the connector does not. */
export interface ConnectorCheck {
  /** Ends the sentence "a connector …". */
  title: string;
  /** Why it cannot be made of this source, where that is so. */
  notApplicable?(subject: ConnectorSubject): string | undefined;
  run(subject: ConnectorSubject): Promise<void>;
}

/** Throws a sentence where something does not hold. */
export function must(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Error(sentence);
}

/** The error that a call ends with; throws where it succeeds. */
export async function failureOf(call: Promise<unknown>, what: string): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error(`${what} should have failed, and did not.`);
}

/** Throws where a text holds a secret, plainly or in one of the spellings that a URI or a header gives it. */
export function mustNotReveal(secrets: readonly string[], text: string, where: string): void {
  for (const secret of secrets)
    for (const spelling of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
      must(!text.includes(spelling), `A secret stands in ${where}: ${text.replaceAll(spelling, '•••')}`);
}
