import { ApiError } from '@kalla/core/panel';
import type { Problem, Upload } from '@kalla/core';
import { messages } from '../messages.ts';

/**
 * Sends a file to `POST /api/uploads`. `XMLHttpRequest` and not `fetch`, since only it tells how much has been sent.
 *
 * @param onProgress called with 0 to 1; at 1 the server has all bytes and is reading them
 * @throws ApiError with the server's sentence; the signal's reason where it was aborted
 */
export function uploadFile(
  file: File,
  options?: Record<string, unknown>,
  onProgress?: (share: number) => void,
  signal?: AbortSignal,
): Promise<Upload> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const call = new XMLHttpRequest();
    const abort = () => call.abort();
    call.open('POST', '/api/uploads');
    call.setRequestHeader('Accept', 'application/json');
    call.upload.onprogress = (event) => event.lengthComputable && onProgress?.(event.loaded / event.total);
    call.upload.onload = () => onProgress?.(1);
    call.onabort = () => reject(signal?.reason as Error);
    call.onerror = () => reject(new ApiError(0, messages.start.uploadFailed, null));
    call.onload = () => {
      const body = parse(call.responseText);
      if (call.status === 201) resolve(body as Upload);
      else
        reject(
          new ApiError(call.status, (body as Partial<Problem> | null)?.detail ?? messages.start.uploadFailed, body),
        );
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
