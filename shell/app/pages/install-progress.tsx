import { Button, buttonClass, ProblemNotice } from '@kalla/ui';
import { Link } from 'react-router';
import { messages } from '../messages.ts';
import type { InstallState } from './use-install.ts';

const text = messages.connectors;

/** How far the installation is, and how it ended. */
export function InstallProgress({ state, onCancel }: { state: InstallState; onCancel(): void }) {
  return (
    <div className="install-progress">
      <div role="status">
        {state.what === 'running' && (
          <>
            <p>
              <strong>{text.working(state.name)}</strong>
            </p>
            <ol className="k-steps">
              {state.steps.map((step, index) => {
                const running = index === state.steps.length - 1;
                return (
                  <li key={step} className={`k-step k-step-${running ? 'running' : 'passed'}`}>
                    <span className="k-step-mark" aria-hidden="true">
                      {running ? '…' : '✓'}
                    </span>
                    <div className="k-step-body">
                      {step} <span className="k-visually-hidden">{running ? text.stepRunning : text.stepDone}</span>
                    </div>
                  </li>
                );
              })}
            </ol>
          </>
        )}
        {state.what === 'cancelled' && <p>{text.cancelled}</p>}
        {state.what === 'done' && (
          <div className="k-card">
            <p>
              <strong>{text.done(state.installed.package, state.installed.version)}</strong>
            </p>
            {state.installed.notes.map((note) => (
              <p key={note}>{note}</p>
            ))}
          </div>
        )}
      </div>
      {state.what === 'running' && <Button onClick={onCancel}>{text.cancel}</Button>}
      {state.what === 'failed' && (
        <ProblemNotice title={text.failedTitle} problem={{ detail: state.sentence }}>
          <p>{text.unchanged}</p>
        </ProblemNotice>
      )}
      {state.what === 'done' && (
        <Link className={buttonClass()} to="/sources/new">
          {text.addSource}
        </Link>
      )}
    </div>
  );
}
