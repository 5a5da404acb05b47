import { ApiError } from '@kalla/core/panel';
import { Button, Dialog, notify } from '@kalla/ui';
import { useState } from 'react';
import { useRevalidator } from 'react-router';
import { request } from '../federation/api-client.ts';
import { messages } from '../messages.ts';

const text = messages.connectors;

/** The button that removes a connector, after a question. One that is in use stays, and the sentence says what uses it. */
export function RemoveConnector({ name }: { name: string }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const { revalidate } = useRevalidator();

  async function remove() {
    setBusy(true);
    try {
      await request('DELETE', `/api/connectors/${encodeURIComponent(name)}`);
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
