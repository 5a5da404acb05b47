import { Button, FileDrop, notify } from '@kalla/ui';
import { useId, useState, type FormEvent, type RefObject } from 'react';
import { messages } from '../messages.ts';

const text = messages.connectors;

export interface InstallFormProps {
  name: string;
  onName(name: string): void;
  versionInput: RefObject<HTMLInputElement | null>;
  busy: boolean;
  onInstall(chosen: { package: string; version: string }): void;
  onFile(file: File): void;
}

/** Asks for a package by name and exact version, or for a packed file. What is wrong with either is the server's to say. */
export function InstallForm({ name, onName, versionInput, busy, onInstall, onFile }: InstallFormProps) {
  const [version, setVersion] = useState('');
  const id = useId();

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!busy) onInstall({ package: name.trim(), version: version.trim() });
  }
  return (
    <div className="sides">
      <form className="k-card k-form" onSubmit={submit} aria-labelledby={`${id}-by-name`} noValidate>
        <h3 id={`${id}-by-name`}>{text.byName}</h3>
        <div className="k-field">
          <label className="k-label" htmlFor={`${id}-name`}>
            {text.name}
          </label>
          <input
            id={`${id}-name`}
            className="k-input"
            value={name}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            aria-describedby={`${id}-name-hint`}
            onChange={(event) => onName(event.target.value)}
          />
          <p id={`${id}-name-hint`} className="k-soft">
            {text.nameHint}
          </p>
        </div>
        <div className="k-field">
          <label className="k-label" htmlFor={`${id}-version`}>
            {text.exactVersion}
          </label>
          <input
            id={`${id}-version`}
            ref={versionInput}
            className="k-input"
            value={version}
            autoComplete="off"
            spellCheck={false}
            aria-describedby={`${id}-version-hint`}
            onChange={(event) => setVersion(event.target.value)}
          />
          <p id={`${id}-version-hint`} className="k-soft">
            {text.versionHint}
          </p>
        </div>
        <div>
          <Button type="submit" tone="primary" busy={busy}>
            {text.start}
          </Button>
        </div>
      </form>
      <div className="k-card">
        <h3>{text.fromFile}</h3>
        <FileDrop
          label={text.fromFile}
          accept=".tgz"
          disabled={busy}
          onFile={onFile}
          onRefuse={(sentence) => notify('error', sentence)}
        />
        <p className="k-soft">{text.fileHint}</p>
      </div>
    </div>
  );
}
