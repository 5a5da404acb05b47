import type { Note, Upload } from '@kalla/core';
import { Button } from './button.tsx';
import { messages } from './messages.ts';

/** One question that a file leaves open: a remark with a choice that has not been made. */
export interface FileQuestion {
  note: Note;
  /** Name of the upload's option, `date_order`. */
  option: string;
  values: string[];
}

/** What has to be answered before the file can be used; none where everything in it has one meaning. */
export function questionsOf(upload: Pick<Upload, 'notes'>): FileQuestion[] {
  return upload.notes.flatMap((note) =>
    Object.entries(note.choice ?? {})
      .filter(([, values]) => values.length > 1)
      .map(([option, values]) => ({ note, option, values })),
  );
}

export interface FileQuestionsProps {
  upload: Pick<Upload, 'notes'>;
  busy?: boolean;
  onChoose(option: string, value: string): void;
}

/** The open questions of a file, each answered with one press. */
export function FileQuestions({ upload, busy, onChoose }: FileQuestionsProps) {
  return questionsOf(upload).map(({ note, option, values }) => (
    <fieldset key={`${note.column} ${option}`} className="k-question">
      <legend>{messages.chooseOption(option)}</legend>
      <p>
        {note.column && <code>{note.column}</code>} {note.message}
      </p>
      <div className="k-question-answers">
        {values.map((value) => (
          <Button key={value} small busy={busy ?? false} onClick={() => onChoose(option, value)}>
            {messages.choiceLabel(option, value)}
          </Button>
        ))}
      </div>
    </fieldset>
  ));
}
