import { problem, ProblemError } from '@kalla/core';
import type { RuleIssue } from './sandbox.ts';

/** The error `match-sql` that says everything that is wrong with a rule. */
export function ruleProblem(errors: readonly RuleIssue[]): ProblemError {
  // Both ends of a BETWEEN have the same fault: it is said once.
  const said = errors.map(({ message, hint }) => (hint ? `${message} ${hint}` : message));
  const sentence = [...new Set(said)].join(' ');
  return new ProblemError(problem('match-sql', sentence, [...errors]));
}
