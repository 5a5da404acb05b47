import type { CheckStep, ConnectorTrial, JobPayload, Problem, Progress, SourceRef, ValidateRequest } from '@kalla/core';
import type { z } from 'zod';
import type {
  candidatesRequestSchema,
  normalizeRequestSchema,
  resultExportRequestSchema,
  resultRowsRequestSchema,
  resultSummaryRequestSchema,
  workerCountsRequestSchema,
  workerPreviewRequestSchema,
  workerSuggestRequestSchema,
} from '@kalla/core';
import type { PreviewPart } from '../preview-rows.ts';

/** The work that a child process does. */
export type Task =
  | { kind: 'run'; payload: JobPayload }
  | { kind: 'normalize'; request: z.output<typeof normalizeRequestSchema> }
  | { kind: 'try-connector'; trial: ConnectorTrial }
  | { kind: 'check'; source: SourceRef; until?: 'reach' }
  | { kind: 'tables'; source: SourceRef; q?: string; cursor?: string; limit?: number }
  | { kind: 'describe'; source: SourceRef }
  | ({ kind: 'preview'; source: SourceRef } & PreviewPart)
  | { kind: 'keys'; source: SourceRef; columns?: string[] }
  | { kind: 'validate'; request: ValidateRequest }
  | { kind: 'recipe-preview'; request: z.output<typeof workerPreviewRequestSchema> }
  | { kind: 'counts'; request: z.output<typeof workerCountsRequestSchema> }
  | { kind: 'suggest'; request: z.output<typeof workerSuggestRequestSchema> }
  | { kind: 'rows'; request: z.output<typeof resultRowsRequestSchema> }
  | { kind: 'summary'; request: z.output<typeof resultSummaryRequestSchema> }
  | { kind: 'candidates'; request: z.output<typeof candidatesRequestSchema> }
  | { kind: 'export'; request: z.output<typeof resultExportRequestSchema> };

/** Parent to child. */
export type ToChild =
  | { type: 'task'; id: number; task: Task; scratchDir: string }
  | { type: 'abort'; id: number }
  /** One more chunk may be sent. */
  | { type: 'more'; id: number };

/** What a task puts out while it goes. */
export type TaskOutput = { progress: Progress } | { share: number } | { step: CheckStep } | { chunk: Uint8Array };

/** Child to parent. */
export type FromChild =
  | { type: 'ready' }
  | { type: 'output'; id: number; output: TaskOutput }
  | { type: 'done'; id: number; result: unknown }
  /** `fault` is there where the error was not one of ours: for the log, with secrets taken out; `cause` where it was a mistake in data: its kind alone. `ends`: the process goes with it. */
  | { type: 'failed'; id: number; problem: Problem; fault?: string; cause?: string; ends?: boolean }
  | { type: 'log'; level: 'debug' | 'warn'; message: string; fields: Record<string, unknown> };

/** Chunks that may be under way before the child waits. */
export const CHUNK_WINDOW = 4;
