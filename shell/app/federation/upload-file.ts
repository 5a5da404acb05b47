import { ApiError } from '@kalla/core/panel';
import type { Problem, Upload, UploadEvent } from '@kalla/core';
import { messages } from '../messages.ts';
import { eventSplitter } from './event-stream.ts';

/**
 * Sends a file to `POST /api/uploads`. `XMLHttpRequest` and not `fetch`, since only it tells how much has been sent.
 *
 * @param onProgress called with 0 to 1 of the bytes sent; at 1 the server has them all and looks at every cell, and says
 *   second how much of that is done, 0 to 1
 * @throws ApiError with the server's sentence; the signal's reason where it was aborted
 */
export function uploadFile(
  file: File,
  options?: Record<string, unknown>,
  onProgress?: (sent: number, read?: number) => void,
  signal?: AbortSignal,
): Promise<Upload> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const call = new XMLHttpRequest();
    const abort = () => call.abort();
    const refuse = (body: unknown, status = call.status) =>
      reject(new ApiError(status, (body as Partial<Problem> | null)?.detail ?? messages.start.uploadFailed, body));
    const isStream = () => call.getResponseHeader('content-type')?.startsWith('text/event-stream') ?? false;
    const eventsIn = eventSplitter();
    let taken = 0;
    let settled = false;
    const listen = () => {
      const events = eventsIn(call.responseText.slice(taken));
      taken = call.responseText.length;
      for (const { name, data } of events) {
        const told: unknown = JSON.parse(data);
        const { progress, upload } = told as UploadEvent;
        if (name === 'problem') refuse(told, (told as Problem).status);
        else if (upload) resolve(upload);
        else if (progress !== undefined) onProgress?.(1, progress);
        settled ||= name === 'problem' || upload !== undefined;
      }
    };
    call.open('POST', '/api/uploads');
    call.setRequestHeader('Accept', 'text/event-stream, application/json');
    call.upload.onprogress = (event) => event.lengthComputable && onProgress?.(event.loaded / event.total);
    call.upload.onload = () => onProgress?.(1);
    call.onprogress = () => isStream() && listen();
    call.onabort = () => reject(signal?.reason as Error);
    call.onerror = () => reject(new ApiError(0, messages.start.uploadFailed, null));
    call.onload = () => {
      if (!isStream()) return refuse(parse(call.responseText));
      listen();
      // The stream ended before its last event: the server stopped in the middle.
      if (!settled) reject(new ApiError(0, messages.network, null));
    };
    call.onloadend = () => signal?.removeEventListener('abort', abort);
    signal?.addEventListener('abort', abort);
    const form = new FormData();
    // Options come first, so that a server that streams the file knows them when it begins.
    if (options && Object.keys(options).length > 0) form.set('options', JSON.stringify(options));
    form.set('file', file);
    call.send(form);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}
