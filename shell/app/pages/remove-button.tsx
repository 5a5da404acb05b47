import { ApiError } from '@kalla/core/panel';
import { Button, Dialog, notify } from '@kalla/ui';
import { useState } from 'react';
import { useRevalidator } from 'react-router';
import { request } from '../federation/api-client.ts';

/** What is said around it. */
export interface RemoveTexts {
  remove: string;
  removeNamed(name: string): string;
  removeTitle(name: string): string;
  removeText: string;
  removed(name: string): string;
  keep: string;
  close: string;
}

/**
 * The button that removes something, after a question. What is in use stays, and the sentence of the API says what uses it.
 *
 * @example <RemoveButton name="invoices" path="/api/sources/invoices" text={messages.sources} />
 */
export function RemoveButton({ name, path, text }: { name: string; path: string; text: RemoveTexts }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const { revalidate } = useRevalidator();

  async function remove() {
    setBusy(true);
    try {
      await request('DELETE', path);
      setAsking(false);
      notify('success', text.removed(name));
      await revalidate();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setRefusal(error.detail);
    } finally {
      setBusy(false);
    }
  }
  function close() {
    setAsking(false);
    setRefusal(null);
  }
  return (
    <>
      <Button small tone="danger" aria-label={text.removeNamed(name)} onClick={() => setAsking(true)}>
        {text.remove}
      </Button>
      <Dialog
        open={asking}
        title={text.removeTitle(name)}
        onClose={close}
        actions={
          <>
            <Button onClick={close}>{refusal === null ? text.keep : text.close}</Button>
            {refusal === null && (
              <Button tone="danger" busy={busy} onClick={() => void remove()}>
                {text.remove}
              </Button>
            )}
          </>
        }
      >
        <p role={refusal === null ? undefined : 'alert'}>{refusal ?? text.removeText}</p>
      </Dialog>
    </>
  );
}
