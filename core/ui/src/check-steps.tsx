import type { CheckStep, CheckStepName } from '@kalla/core';
import { classNames } from './class-names.ts';
import { formatCount } from './format.ts';
import { useLocale } from './locale.tsx';
import { messages } from './messages.ts';

const order: readonly CheckStepName[] = ['reach', 'authenticate', 'authorise', 'read'];

export interface CheckStepsProps {
  steps: readonly CheckStep[];
  /** True while steps are still to come. */
  running: boolean;
  label: string;
}

type State = 'passed' | 'failed' | 'running' | 'waiting' | 'skipped';

const words: Record<State, string> = {
  passed: messages.checkPassed,
  failed: messages.checkFailed,
  running: messages.checkRunning,
  waiting: messages.checkWaiting,
  skipped: messages.checkNotReached,
};
const marks: Record<State, string> = { passed: '✓', failed: '✕', running: '…', waiting: '·', skipped: '·' };

/**
 * The steps of a connection check in their order, each as it is known: what was found, or the likely cause and the next
 * action. Steps that are still to come have their place from the start, so that nothing moves under the pointer.
 */
export function CheckSteps({ steps, running, label }: CheckStepsProps) {
  const locale = useLocale();
  const over = steps.some((step) => !step.ok) || !running;
  const next = order[Math.max(-1, ...steps.map((step) => order.indexOf(step.step))) + 1];
  return (
    <ol className="k-steps" aria-label={label} aria-live="polite" aria-busy={running || undefined}>
      {order.map((name) => {
        const step = steps.find((each) => each.step === name);
        const state: State = step
          ? step.ok
            ? 'passed'
            : 'failed'
          : over
            ? 'skipped'
            : name === next
              ? 'running'
              : 'waiting';
        return (
          <li key={name} className={classNames('k-step', `k-step-${state}`)}>
            <span className="k-step-mark" aria-hidden="true">
              {marks[state]}
            </span>
            <div className="k-step-body">
              <strong>{messages.checkSteps[name]}</strong> <span className="k-step-state">{words[state]}</span>
              {step && (
                <span className="k-soft k-number">
                  {' '}
                  {messages.milliseconds(formatCount(Math.round(step.ms), locale))}
                </span>
              )}
              {step && <p>{step.message}</p>}
              {step?.hint && <p className="k-step-hint">{step.hint}</p>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
