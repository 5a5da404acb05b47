import { ConnectorError, ProblemError } from '@kalla/core';

/** Raised inside the engine when a statement was stopped because its time was over. */
export class EngineTimeout extends Error {
  override readonly name = 'EngineTimeout';
  constructor(readonly seconds: number) {
    super(`The statement was stopped after ${seconds} seconds.`);
  }
}

/** The text of an engine error without its "LINE 1: …" picture. */
export function engineMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split(/\n\s*\nLINE \d+:/)[0]!.trim();
}

const DISK_FULL =
  /No space left on device|ENOSPC|not enough (disk )?space|disk full|max_temp_directory_size|EDQUOT|Disk quota exceeded/i;
const OUT_OF_MEMORY = /Out of Memory Error|failed to (allocate|pin)|could not allocate|bad_alloc|Allocation failure/i;

/** True when a failed file operation, ours or the engine's, says that the disk is full. */
export function isDiskFull(error: unknown): boolean {
  const code = (error as { code?: string } | null)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT' || (error instanceof Error && DISK_FULL.test(error.message));
}

/** True when an engine, the worker's or a connector's own, says that it may not take so much memory. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && OUT_OF_MEMORY.test(error.message);
}

/**
 * Turns what the engine throws into an error that a user understands: full disk, too little memory, stopped, too slow.
 * Any other error comes back as it is, so that the caller can say what it was about.
 *
 * @param doing What was going on, as the start of a sentence: `Matching "invoices" with "payments"`.
 * @param ruled Whether a rule had part in it, which may then be made narrower.
 */
export function translateEngineError(error: unknown, doing: string, signal?: AbortSignal, ruled = true): unknown {
  if (error instanceof ProblemError || ConnectorError.is(error)) return error;
  if (signal?.aborted) return new ConnectorError('cancelled', 'The work was cancelled.', { cause: error });
  if (error instanceof EngineTimeout) {
    return new ProblemError(
      'timeout',
      `${doing} was stopped after ${error.seconds} seconds, the longest that is allowed. ` +
        'Join the sources on equal columns first, or ask the operator for a higher limit.',
      undefined,
      error,
    );
  }
  if (isDiskFull(error)) {
    return new ProblemError(
      'disk-full',
      `${doing} stopped because the worker's disk is full. Nothing was published. Free some space and run it again.`,
      undefined,
      error,
    );
  }
  if (isOutOfMemory(error)) {
    return new ProblemError(
      'out-of-memory',
      `${doing} needs more memory than the worker allows. ` +
        (ruled ? 'Make the rule narrower (more equal columns, fewer pairs), or ask' : 'Ask') +
        ' the operator for a higher memory limit.',
      undefined,
      error,
    );
  }
  return error;
}
