import { ApiError } from '@kalla/core/panel';
import type { Upload, UploadEvent } from '@kalla/core';
import { messages } from '../messages.ts';
import { events } from './api-client.ts';

/**
 * Has an upload read with other options.
 *
 * @param onRead called with how much of the file is looked through, 0 to 1
 * @throws ApiError with the server's sentence; the signal's reason where it was aborted: the upload stays as it was
 */
export async function readAgain(
  uploadId: string,
  options: Record<string, unknown>,
  onRead: (read: number) => void,
  signal: AbortSignal,
): Promise<Upload> {
  let found: Upload | undefined;
  const listen = ({ progress, upload }: UploadEvent) => {
    if (progress !== undefined) onRead(progress);
    found ??= upload;
  };
  await events<UploadEvent>(`/api/uploads/${encodeURIComponent(uploadId)}/options`, options, listen, signal);
  // The stream ended before its last event: the server stopped in the middle.
  if (!found) throw new ApiError(0, messages.network, null);
  return found;
}
