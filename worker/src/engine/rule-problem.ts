import { problem, ProblemError } from '@kalla/core';
import type { RuleIssue } from './sandbox.ts';

/** The error `match-sql` that says everything that is wrong with a rule. */
export function ruleProblem(errors: readonly RuleIssue[]): ProblemError {
  const sentence = errors.map(({ message, hint }) => (hint ? `${message} ${hint}` : message)).join(' ');
  return new ProblemError(problem('match-sql', sentence, [...errors]));
}
