import type { Problem, RecipeSource, Upload } from '@kalla/core';
import { ApiError } from '@kalla/core/panel';
import {
  Badge,
  Count,
  FileDrop,
  FileProgress,
  FileQuestions,
  formatBytes,
  NoteList,
  ProblemNotice,
  questionsOf,
  useLocale,
} from '@kalla/ui';
import { useEffect, useRef, useState } from 'react';
import { readAgain } from '../federation/read-again.ts';
import { uploadFile } from '../federation/upload-file.ts';
import { messages } from '../messages.ts';
import { columnFit } from './column-fit.ts';

const text = messages.start;

type State =
  | { step: 'empty' }
  | { step: 'sending'; name: string; sent: number; read?: number | undefined }
  | { step: 'refused'; problem: Pick<Problem, 'detail'> & Partial<Problem> }
  | { step: 'read'; upload: Upload; again?: Again | undefined };

/** An answer has the file read anew: how much of that is done, 0 to 1, once it is known. */
interface Again {
  read?: number | undefined;
}

/**
 * Asks for the file of one side. `onReady` gets the upload's id once the file fits and nothing about it is open, and null
 * whenever that ceases to be so.
 */
export function FileSide({ source, onReady }: { source: RecipeSource; onReady(uploadId: string | null): void }) {
  const [state, setState] = useState<State>({ step: 'empty' });
  const going = useRef<AbortController>(null);
  // All answers about one file: each reading is from scratch, so the second must not forget the first.
  const answers = useRef<Record<string, string>>({});
  useEffect(() => () => going.current?.abort(), []);

  function settle(upload: Upload) {
    setState({ step: 'read', upload });
    const fits = columnFit(source, upload).missing.length === 0 && questionsOf(upload).length === 0;
    onReady(fits ? upload.upload_id : null);
  }
  function refuse(error: unknown) {
    onReady(null);
    if (error instanceof ApiError) {
      setState({ step: 'refused', problem: { ...(error.body as Problem | null), detail: error.detail } });
    } else throw error;
  }

  async function send(file: File) {
    answers.current = {};
    going.current?.abort();
    const controller = new AbortController();
    going.current = controller;
    onReady(null);
    setState({ step: 'sending', name: file.name, sent: 0 });
    try {
      const progress = (sent: number, read?: number) => setState({ step: 'sending', name: file.name, sent, read });
      settle(await uploadFile(file, source.options, progress, controller.signal));
    } catch (error) {
      if (!controller.signal.aborted) refuse(error);
    }
  }

  function stop() {
    going.current?.abort();
    setState({ step: 'empty' });
  }

  async function choose(upload: Upload, option: string, value: string) {
    const controller = new AbortController();
    going.current = controller;
    const given = { ...answers.current, [option]: value };
    const tell = (read?: number) => setState({ step: 'read', upload, again: { read } });
    tell();
    try {
      const found = await readAgain(upload.upload_id, { ...source.options, ...given }, tell, controller.signal);
      answers.current = given;
      settle(found);
    } catch (error) {
      if (!controller.signal.aborted) refuse(error);
    }
  }

  function stopAgain(upload: Upload) {
    going.current?.abort();
    settle(upload);
    frame.current?.focus();
  }

  // What had the focus goes with the step that it belonged to; without this a keyboard user would begin at the page's top.
  const frame = useRef<HTMLDivElement>(null);
  const step = useRef(state.step);
  useEffect(() => {
    if (step.current !== state.step && document.activeElement === document.body) frame.current?.focus();
    step.current = state.step;
  }, [state.step]);

  return (
    <div ref={frame} tabIndex={-1} className="file-side">
      {content()}
    </div>
  );

  function content() {
    if (state.step === 'sending') return <FileProgress {...state} onStop={stop} />;
    return (
      <>
        {state.step === 'refused' && <ProblemNotice title={text.notUploaded} problem={state.problem} />}
        {state.step === 'read' && (
          <UploadReport
            source={source}
            upload={state.upload}
            busy={state.again !== undefined}
            onChoose={(option, value) => void choose(state.upload, option, value)}
          />
        )}
        {state.step === 'read' && state.again?.read !== undefined && (
          <FileProgress
            name={state.upload.filename}
            sent={1}
            read={state.again.read}
            stopLabel={text.stopReading}
            onStop={() => stopAgain(state.upload)}
          />
        )}
        <FileDrop
          label={state.step === 'read' ? `${source.alias}, ${text.another}` : source.alias}
          onFile={(file) => void send(file)}
          onRefuse={(detail) => setState({ step: 'refused', problem: { detail } })}
        />
      </>
    );
  }
}

interface ReportProps {
  source: RecipeSource;
  upload: Upload;
  busy: boolean;
  onChoose(option: string, value: string): void;
}

/** What was read from a file: whether it fits, what is open, rows, columns, remarks. */
function UploadReport({ source, upload, busy, onChoose }: ReportProps) {
  const locale = useLocale();
  const fit = columnFit(source, upload);
  const questions = questionsOf(upload);
  return (
    <>
      <div className="file-facts" role="status">
        <strong>{upload.filename}</strong>
        <span>
          <Count value={upload.row_count} /> {text.rows(upload.row_count)}
        </span>
        <span>
          {upload.columns.length} {text.columns(upload.columns.length)}
        </span>
        <span className="k-soft">{formatBytes(upload.bytes, locale)}</span>
        {fit.missing.length === 0 && questions.length === 0 && <Badge tone="good">{text.fits}</Badge>}
      </div>
      {fit.missing.length > 0 && (
        <ProblemNotice title={text.missingTitle} problem={{ detail: text.missing(upload.filename, fit.missing) }}>
          {fit.near.map(({ missing, found }) => (
            <p key={missing}>{text.near(missing, found)}</p>
          ))}
        </ProblemNotice>
      )}
      <FileQuestions upload={upload} busy={busy} onChoose={onChoose} />
      <NoteList label={text.notes} notes={upload.notes.filter((note) => !note.choice)} />
      <ColumnTable upload={upload} expected={source.schema ?? []} />
    </>
  );
}

function ColumnTable({ upload, expected }: { upload: Upload; expected: readonly string[] }) {
  return (
    <details>
      <summary>{text.detected}</summary>
      <div className="k-table-scroll" tabIndex={0} role="group" aria-label={text.detected}>
        <table className="k-table">
          <thead>
            <tr>
              <th scope="col">{text.name}</th>
              <th scope="col">{text.type}</th>
              <th scope="col" className="k-cell-number">
                {text.nulls}
              </th>
              <th scope="col">{text.samples}</th>
            </tr>
          </thead>
          <tbody>
            {upload.columns.map((column) => (
              <tr key={column.name}>
                <td>{expected.includes(column.name) ? <strong>{column.name}</strong> : column.name}</td>
                <td>
                  <code>{column.type}</code>
                </td>
                <td className="k-cell-number">{column.nulls}</td>
                <td className="samples">{column.sample?.map((value) => value ?? '∅').join(' · ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
