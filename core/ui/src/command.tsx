import { useEffect, useRef, useState } from 'react';
import { Button } from './button.tsx';
import { copyText } from './copy-text.ts';
import { messages } from './messages.ts';

/** How long it is said that the text was copied, in ms. */
const SAID_MS = 2_500;

/** Lines for another program, with a button that copies them. A click on the lines selects them all. */
export function Command({ text }: { text: string }) {
  const lines = useRef<HTMLPreElement>(null);
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    if (said === null) return undefined;
    const timer = setTimeout(() => setSaid(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);

  async function copy() {
    const copied = await copyText(text);
    if (!copied && lines.current) getSelection()?.selectAllChildren(lines.current);
    setSaid(copied ? messages.copied : messages.notCopied);
  }
  return (
    <div className="k-command-box">
      <pre ref={lines} className="k-command">
        {text}
      </pre>
      <div className="k-command-copy">
        <Button small tone="quiet" aria-label={messages.copyLines} onClick={() => void copy()}>
          {messages.copy}
        </Button>
        <span role="status">{said}</span>
      </div>
    </div>
  );
}
