import { problem, ProblemError, type ValidateRequest } from '@kalla/core';
import { checkRule, type CheckedRule } from './check-rule.ts';
import type { RuleIssue } from './sandbox.ts';

/** The checked rule with its warnings; throws ProblemError `match-sql` that says everything that is wrong with it. */
export async function usableRule(request: ValidateRequest): Promise<{ rule: CheckedRule; warnings: RuleIssue[] }> {
  const { rule, errors, warnings } = await checkRule(request);
  if (rule) return { rule, warnings };
  throw ruleProblem(errors);
}

/** The error `match-sql` that says everything that is wrong with a rule. */
export function ruleProblem(errors: readonly RuleIssue[]): ProblemError {
  const sentence = errors.map(({ message, hint }) => (hint ? `${message} ${hint}` : message)).join(' ');
  return new ProblemError(problem('match-sql', sentence, [...errors]));
}
