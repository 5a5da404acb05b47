import type { ConnectorInstall, InstalledConnector, InstallEvent } from '@kalla/core';
import { ApiError } from '@kalla/core/panel';
import { useEffect, useRef, useState } from 'react';
import { useRevalidator } from 'react-router';
import { events } from '../federation/api-client.ts';
import { uploadFile } from '../federation/upload-file.ts';
import { messages } from '../messages.ts';

const text = messages.connectors;

/** Where an installation is. */
export type InstallState =
  | { what: 'idle' }
  | { what: 'running'; name: string; steps: string[] }
  | { what: 'failed'; sentence: string }
  | { what: 'cancelled' }
  | { what: 'done'; installed: InstalledConnector };

/** Installs one package at a time and tells how far it is. Cancelling, and leaving the page, ends it on the server as well. */
export function useInstall() {
  const [state, setState] = useState<InstallState>({ what: 'idle' });
  const going = useRef<AbortController>(null);
  const { revalidate } = useRevalidator();
  useEffect(() => () => going.current?.abort(), []);

  async function follow(
    name: string,
    work: (signal: AbortSignal, onStep: (step: string) => void) => Promise<InstalledConnector>,
  ) {
    if (going.current) return;
    const controller = new AbortController();
    going.current = controller;
    let steps: string[] = [];
    const onStep = (step: string) => {
      steps = [...steps, step];
      setState({ what: 'running', name, steps });
    };
    setState({ what: 'running', name, steps });
    try {
      const installed = await work(controller.signal, onStep);
      setState({ what: 'done', installed });
      await revalidate();
    } catch (error) {
      if (controller.signal.aborted) return setState({ what: 'cancelled' });
      if (!(error instanceof ApiError)) throw error;
      setState({ what: 'failed', sentence: error.detail });
    } finally {
      going.current = null;
    }
  }

  return {
    state,
    cancel: () => going.current?.abort(),
    install: (chosen: { package: string; version: string }) =>
      follow(`${chosen.package} ${chosen.version}`.trim(), (signal, onStep) => send(chosen, signal, onStep)),
    installFile: (file: File) =>
      follow(file.name, async (signal, onStep) => {
        onStep(text.sending);
        const upload = await uploadFile(file, undefined, undefined, signal);
        return send({ tarball: upload.upload_id }, signal, onStep);
      }),
  };
}

async function send(
  body: ConnectorInstall,
  signal: AbortSignal,
  onStep: (step: string) => void,
): Promise<InstalledConnector> {
  let installed: InstalledConnector | undefined;
  const listen = (event: InstallEvent) => {
    if (event.message) onStep(event.message);
    if (event.installed) installed = event.installed;
  };
  await events<InstallEvent>('/api/connectors', body, listen, signal);
  // The stream ended before its last event: the server stopped in the middle.
  if (!installed) throw new ApiError(0, messages.network, null);
  return installed;
}
