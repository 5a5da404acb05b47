/**
 * Help beside a field. Paragraphs have an empty line between them; one whose lines begin with two spaces is something to be
 * copied into another program, and a click selects all of it.
 */
export function HelpText({ text, id }: { text: string; id?: string }) {
  return (
    <div id={id} className="k-help">
      {(text === '' ? [] : text.split('\n\n')).map((part, index) =>
        part.startsWith('  ') ? (
          <pre key={index} className="k-command">
            {part.replace(/^ {2}/gm, '')}
          </pre>
        ) : (
          <p key={index}>{part}</p>
        ),
      )}
    </div>
  );
}
