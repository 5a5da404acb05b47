import type { Operation } from '@kalla/core';

/**
 * The operation for one part of a call's work: the shares that the part tells, 0 to 1, stand for `from` to `to` of the whole.
 *
 * @example
 * await read(partOf(operation, 0, 0.8));
 * await look(partOf(operation, 0.8, 1));
 */
export function partOf(operation: Operation, from: number, to: number): Operation {
  const { signal, onProgress } = operation;
  if (!onProgress) return operation;
  return { signal, onProgress: (share) => onProgress(from + (to - from) * Math.min(Math.max(share, 0), 1)) };
}
