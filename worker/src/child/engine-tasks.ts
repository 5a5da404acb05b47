import type {
  Candidates,
  SelectionSummary,
  candidatesRequestSchema,
  resultSummaryRequestSchema,
  JobPayload,
  KeyProof,
  Preview,
  RecipeCounts,
  ResultManifest,
  RowsPage,
  Suggestions,
  ValidateRequest,
  Validation,
  resultExportRequestSchema,
  resultRowsRequestSchema,
  workerCountsRequestSchema,
  workerPreviewRequestSchema,
  workerSuggestRequestSchema,
} from '@kalla/core';
import type { z } from 'zod';
import type { PreviewPart } from '../preview-rows.ts';
import type { TaskContext, TaskSource } from '../task-contract.ts';

type Sources = [TaskSource, TaskSource];

/** The engine's half of the worker, as its processes call it. */
export interface EngineTasks {
  runJob(payload: JobPayload, sources: Sources, context: TaskContext): Promise<ResultManifest>;
  previewRecipe(
    request: z.output<typeof workerPreviewRequestSchema>,
    sources: Sources,
    context: TaskContext,
  ): Promise<Preview>;
  previewRows(source: TaskSource, page: PreviewPart, context: TaskContext): Promise<RowsPage>;
  countRecipe(
    request: z.output<typeof workerCountsRequestSchema>,
    sources: Sources,
    context: TaskContext,
  ): Promise<RecipeCounts>;
  suggestRecipes(
    request: z.output<typeof workerSuggestRequestSchema>,
    sources: Sources,
    context: TaskContext,
  ): Promise<Suggestions>;
  proveKey(source: TaskSource, columns: string[] | undefined, context: TaskContext): Promise<KeyProof>;
  validateMatchSql(request: ValidateRequest): Promise<Validation>;
  summarizeSelection(
    request: z.output<typeof resultSummaryRequestSchema>,
    context: TaskContext,
  ): Promise<SelectionSummary>;
  findCandidates(request: z.output<typeof candidatesRequestSchema>, context: TaskContext): Promise<Candidates>;
  readResultRows(request: z.output<typeof resultRowsRequestSchema>, context: TaskContext): Promise<RowsPage>;
  exportResultRows(
    request: z.output<typeof resultExportRequestSchema>,
    context: TaskContext,
  ): AsyncIterable<Uint8Array>;
}
