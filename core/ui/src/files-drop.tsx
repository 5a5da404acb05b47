import { useId, type ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { messages } from './messages.ts';
import { usePageDrop } from './use-page-drop.ts';

export interface FilesDropProps {
  /** What the files are for; the name of the control. */
  label: string;
  /** How many files at most. */
  most: number;
  disabled?: boolean;
  onFiles(files: File[]): void;
  /** A sentence for the user where what was dropped cannot be taken. */
  onRefuse?(sentence: string): void;
  children?: ReactNode;
}

/**
 * A place for several files at once: dropped anywhere on the page, or chosen with a real file input. A `FileDrop` on the same
 * page keeps what is dropped on it.
 */
export function FilesDrop({ label, most, disabled, onFiles, onRefuse, children }: FilesDropProps) {
  const id = useId();

  function take(files: File[]) {
    if (files.length > most) onRefuse?.(messages.tooManyFiles(most));
    else if (files.length > 0) onFiles(files);
  }

  const over = usePageDrop(disabled ? null : take);

  return (
    <div className={classNames('k-drop', over && 'k-drop-over')}>
      <input
        id={id}
        type="file"
        multiple={most > 1}
        className="k-drop-input"
        disabled={disabled}
        aria-label={`${label}: ${messages.dropFiles(most)}`}
        onChange={(event) => {
          take([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      <label htmlFor={id} className="k-drop-label">
        {over ? (
          messages.dropThemNow
        ) : (
          <>
            <span className="k-drop-choose">{messages.dropFiles(most)}</span> {messages.orDropThem}
          </>
        )}
      </label>
      {children}
    </div>
  );
}
