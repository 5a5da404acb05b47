import { usePanelHost } from '@kalla/core/panel';
import { Button, FilesDrop, usePageDrop } from '@kalla/ui';
import { useState } from 'react';
import { mirrorRule } from './rule-edits.ts';
import { messages } from './messages.ts';
import { SideCard } from './side-card.tsx';
import { sideNames } from './draft.ts';
import { useTheBuilder } from './use-builder.ts';

const text = messages.sides;

/** Both sources beside each other. */
export function Sides() {
  const { draft, change, data, picked, sending, send, refuse, readAllAgain } = useTheBuilder();
  const [again, setAgain] = useState(false);
  const busy = data.left.busy || data.right.busy;
  const { left, right } = draft.sides;
  const none = !left && !right && !sending.left && !sending.right;
  const [a, b] = [data.left.upload, data.right.upload];
  const sameFile = a !== null && b !== null && a.sha256 === b.sha256;

  const { notify } = usePanelHost();
  usePageDrop(none ? null : dropped);

  function sendBoth(files: readonly File[]) {
    for (const [index, side] of sideNames.entries()) {
      const file = files[index];
      if (file) void send(side, file);
    }
  }
  /** Files that were dropped beside the sides: two are both sides, one is the side that has none. */
  function dropped(files: readonly File[]) {
    const missing = sideNames.find((side) => !draft.sides[side] && !sending[side]);
    const [file] = files;
    if (files.length === 2) sendBoth(files);
    else if (files.length === 1 && file && missing) void send(missing, file);
    else notify('info', text.dropOnSide);
  }

  function swap() {
    change((before) => ({
      ...before,
      sides: { left: before.sides.right, right: before.sides.left },
      rule: mirrorRule(before.rule),
    }));
  }

  return (
    <section aria-labelledby="rb-sides" className="rb-section">
      <div className="rb-head">
        <h2 id="rb-sides">{text.title}</h2>
        {left && right && (
          <Button small onClick={swap}>
            <span aria-hidden="true">⇄</span> {text.swap}
          </Button>
        )}
        {readAllAgain && (
          <Button
            tone="quiet"
            small
            busy={again && busy}
            onClick={() => {
              setAgain(true);
              readAllAgain();
            }}
          >
            {again && busy ? text.reading : text.readAgain}
          </Button>
        )}
      </div>
      {none && (
        <FilesDrop label={text.dropBoth} most={2} onFiles={sendBoth} onRefuse={(sentence) => refuse('left', sentence)}>
          <p className="k-soft">{text.dropBothHint}</p>
        </FilesDrop>
      )}
      {sameFile && (
        <p className="k-notice k-notice-warn" role="status">
          {text.sameFile}
        </p>
      )}
      {left && right && data.left.rows.length > 0 && data.right.rows.length > 0 && draft.sql === null && (
        <p className="k-soft rb-hint">{text.pairHint}</p>
      )}
      <div className="rb-sides">
        {sideNames.map((side) => (
          <SideCard key={side} side={side} />
        ))}
      </div>
      <p className="k-visually-hidden" role="status">
        {again && !busy && !data.left.problem && !data.right.problem && text.wasRead}
      </p>
      <p className="k-visually-hidden" role="status">
        {picked && text.picked(picked.column, draft.sides[picked.side === 'left' ? 'right' : 'left']?.alias ?? '')}
      </p>
    </section>
  );
}
