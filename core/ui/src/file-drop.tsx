import { useId, useState, type DragEvent, type ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { messages } from './messages.ts';

export interface FileDropProps {
  /** What the file is for; the name of the control. */
  label: string;
  accept?: string;
  disabled?: boolean;
  onFile(file: File): void;
  /** A sentence for the user where what was dropped cannot be taken. */
  onRefuse?(sentence: string): void;
  children?: ReactNode;
}

/** A place to drop one file, or to choose it with a real file input, so that keyboard and screen reader need nothing special. */
export function FileDrop({ label, accept, disabled, onFile, onRefuse, children }: FileDropProps) {
  const id = useId();
  const [over, setOver] = useState(false);

  function onDrop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    if (disabled) return;
    const files = [...event.dataTransfer.files];
    if (files.length > 1) onRefuse?.(messages.oneFileOnly);
    else if (event.dataTransfer.items[0]?.webkitGetAsEntry?.()?.isDirectory) onRefuse?.(messages.noFolder);
    else if (files[0]) onFile(files[0]);
  }

  return (
    <div
      className={classNames('k-drop', over && 'k-drop-over')}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <input
        id={id}
        type="file"
        className="k-drop-input"
        accept={accept}
        disabled={disabled}
        aria-label={`${label}: ${messages.chooseFile}`}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) onFile(file);
          // Lets the same file be chosen again after it was mended.
          event.target.value = '';
        }}
      />
      <label htmlFor={id} className="k-drop-label">
        {over ? (
          messages.dropNow
        ) : (
          <>
            <span className="k-drop-choose">{messages.chooseFile}</span> {messages.orDrop}
          </>
        )}
      </label>
      {children}
    </div>
  );
}
