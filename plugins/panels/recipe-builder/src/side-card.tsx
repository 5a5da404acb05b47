import {
  bringsFiles,
  Button,
  classNames,
  Count,
  FileProgress,
  FileQuestions,
  NoteList,
  ProblemNotice,
  Skeleton,
} from '@kalla/ui';
import type { Upload, UploadEvent } from '@kalla/core';
import { usePanelHost } from '@kalla/core/panel';
import { useRef, useState } from 'react';
import { changesInWords } from './column-changes.ts';
import type { SideName } from './draft.ts';
import { KeyChoice } from './key-choice.tsx';
import { messages } from './messages.ts';
import { SideAlias } from './side-alias.tsx';
import { SideChooser } from './side-chooser.tsx';
import { SideRows } from './side-rows.tsx';
import { useTheBuilder } from './use-builder.ts';
import { problemIn } from './use-latest.ts';

const text = messages.sides;

/** One side: what it is, what is open about it, its first rows, and what tells them apart. */
export function SideCard({ side }: { side: SideName }) {
  const { draft, data, sending, stop, send, refuse } = useTheBuilder();
  const [over, setOver] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const chosen = draft.sides[side];
  const { label, columns, rowCount, rows, upload, busy, gone, problem, changes } = data[side];
  const going = sending[side];
  // The button that stops goes with what it stopped; a keyboard user would begin at the page's top.
  const frame = useRef<HTMLElement>(null);
  const file = chosen && (chosen.ref.kind === 'upload' || chosen.ref.kind === 'stored');
  const stored = chosen?.ref.kind === 'stored' ? chosen.ref.source : null;
  const needsFile = gone || stored?.type === 'file';

  return (
    <section
      ref={frame}
      tabIndex={-1}
      className={classNames('k-card rb-side', `rb-side-${side}`, over && 'rb-side-over')}
      aria-labelledby={`rb-side-${side}`}
      onDragOver={(event) => {
        if (!bringsFiles(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        setOver(false);
        if (!bringsFiles(event) || event.defaultPrevented) return;
        const files = [...event.dataTransfer.files];
        const [file] = files;
        // Two at once are both sides: the page takes them.
        if (files.length === 2 || !file) return;
        event.preventDefault();
        if (files.length > 2) refuse(side, text.oneFile);
        else {
          setChoosing(false);
          void send(side, file, chosen?.options);
        }
      }}
    >
      <div className="rb-side-head">
        <h3 id={`rb-side-${side}`}>
          <span className="rb-side-name">{text.names[side]}</span> {chosen && chosen.alias}
        </h3>
        {chosen && !going && !needsFile && (
          <Button tone="quiet" small aria-expanded={choosing} onClick={() => setChoosing(!choosing)}>
            {choosing ? text.keepThis(label) : text.another}
          </Button>
        )}
      </div>
      {going?.step === 'sending' && (
        <FileProgress
          name={going.name}
          sent={going.sent}
          read={going.read}
          onStop={() => {
            stop(side);
            frame.current?.focus();
          }}
        />
      )}
      {going?.step === 'refused' && <ProblemNotice title={text.refused} problem={going.problem} />}
      {needsFile && !going && (
        <p className="k-notice k-notice-warn" role="status">
          {gone ? text.gone(label) : text.noFile(chosen?.alias ?? label)}
        </p>
      )}
      {stored && stored.type !== 'file' && <p>{text.address(stored.uri ?? stored.alias)}</p>}
      {problem && !gone && <SourceProblem side={side} />}
      {changes && !going && (
        <p className="k-notice k-notice-warn" role="status">
          {changesInWords(label, changes)}
        </p>
      )}
      {going?.step !== 'sending' && (!chosen || choosing || needsFile) && (
        <SideChooser side={side} onChosen={() => setChoosing(false)} />
      )}
      {chosen && columns && (rowCount !== null || rows.length > 0) && (
        <>
          <p className="rb-facts">
            {label !== chosen.alias && <strong>{label}</strong>}
            {rowCount !== null && (
              <span>
                <Count value={rowCount} /> {text.rows(rowCount)}
              </span>
            )}
            <span>
              <Count value={columns.length} /> {text.columns(columns.length)}
            </span>
          </p>
          {upload && <Questions side={side} upload={upload} />}
          <SideRows side={side} />
        </>
      )}
      {busy && !going && rows.length === 0 && <Skeleton lines={5} />}
      {chosen && columns && <KeyChoice side={side} />}
      {file && columns && <SideAlias side={side} />}
      {upload && upload.notes.some((note) => !note.choice) && (
        <details className="rb-notes">
          <summary>{text.notes}</summary>
          <NoteList label={text.notes} notes={upload.notes.filter((note) => !note.choice)} />
        </details>
      )}
    </section>
  );
}

function SourceProblem({ side }: { side: SideName }) {
  const { data, readAgain } = useTheBuilder();
  const { label, problem } = data[side];
  if (!problem) return null;
  return (
    <ProblemNotice title={text.failed(label)} problem={problem}>
      <Button small onClick={() => readAgain(side)}>
        {text.retry}
      </Button>
    </ProblemNotice>
  );
}

/** What is open about the file. An answer has it read anew, and stays with the recipe for the next file. */
function Questions({ side, upload }: { side: SideName; upload: Upload }) {
  const { api, notify } = usePanelHost();
  const { draft, change, readAgain } = useTheBuilder();
  const frame = useRef<HTMLDivElement>(null);
  const [again, setAgain] = useState<{ read?: number; stop(): void } | null>(null);
  async function answer(option: string, value: string) {
    const options = { ...draft.sides[side]?.options, [option]: value };
    const going = new AbortController();
    const stop = () => going.abort();
    setAgain({ stop });
    try {
      const path = `/api/uploads/${encodeURIComponent(upload.upload_id)}/options`;
      let whole = false;
      const listen = ({ progress: read, upload: found }: UploadEvent) => {
        if (read !== undefined) setAgain({ read, stop });
        whole ||= found !== undefined;
      };
      await api.events<UploadEvent>(path, options, listen, going.signal);
      if (!whole) return notify('error', text.failed(upload.filename));
      change((before) => {
        const one = before.sides[side];
        if (!one) return before;
        // Another answer makes other types; those of the recipe were made with the old one.
        const { types: _types, ...rest } = one;
        return { ...before, sides: { ...before.sides, [side]: { ...rest, options } } };
      });
      readAgain(side);
    } catch (error) {
      if (!going.signal.aborted) notify('error', problemIn(error).detail);
    } finally {
      setAgain(null);
    }
  }
  return (
    <div ref={frame} tabIndex={-1} className="rb-questions">
      <FileQuestions upload={upload} busy={again !== null} onChoose={(option, value) => void answer(option, value)} />
      {again?.read !== undefined && (
        <FileProgress
          name={upload.filename}
          sent={1}
          read={again.read}
          stopLabel={text.stopReading}
          onStop={() => {
            again.stop();
            frame.current?.focus();
          }}
        />
      )}
    </div>
  );
}
