import { Command } from './command.tsx';

/**
 * Help beside a field. Paragraphs have an empty line between them; one whose lines begin with two spaces is something to be
 * copied into another program.
 */
export function HelpText({ text, id }: { text: string; id?: string }) {
  return (
    <div id={id} className="k-help">
      {(text === '' ? [] : text.split('\n\n')).map((part, index) =>
        part.startsWith('  ') ? <Command key={index} text={part.replace(/^ {2}/gm, '')} /> : <p key={index}>{part}</p>,
      )}
    </div>
  );
}
