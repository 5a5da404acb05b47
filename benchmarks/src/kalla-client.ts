import { openAsBlob } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { columnTypeSchema, suggestionsSchema, type Recipe, type Suggestions } from '@kalla/core';
import { z } from 'zod';

const uploadSchema = z.object({
  upload_id: z.string(),
  columns: z.array(z.object({ name: z.string(), type: columnTypeSchema })),
});
export type Uploaded = z.infer<typeof uploadSchema>;

const runSchema = z.object({
  status: z.string(),
  counts: z.record(z.string(), z.number()).nullable(),
  error: z.object({ detail: z.string().optional(), title: z.string().optional() }).nullable(),
});

/** What a run came to, and how long it took from its POST until its end could be read. */
export interface FinishedRun {
  runId: string;
  ms: number;
  counts: Record<string, number>;
}

/** A running Kalla, spoken to over its API. Every method throws a sentence with Kalla's own answer in it. */
export class KallaClient {
  /** @param base `http://127.0.0.1:3000` */
  constructor(readonly base: string) {}

  /** Uploads a file and gives its id and columns. */
  async upload(path: string): Promise<Uploaded> {
    const form = new FormData();
    form.set('file', await openAsBlob(path), basename(path));
    return uploadSchema.parse(await this.#json('/api/uploads', { method: 'POST', body: form }));
  }

  async saveRecipe(recipe: Recipe): Promise<void> {
    await this.#post('/api/recipes', recipe);
  }

  /** What a recipe that is not saved comes to, as the recipe builder asks while somebody changes it. */
  async counts(recipe: Recipe, files: Record<string, string>): Promise<Record<string, number>> {
    const answer = await this.#post('/api/recipes/counts', { recipe, files });
    return z.object({ counts: z.record(z.string(), z.number()) }).parse(answer).counts;
  }

  async deleteRecipe(id: string): Promise<void> {
    await this.#call(`/api/recipes/${id}`, { method: 'DELETE' });
  }

  /** What Kalla proposes for two uploads, and how long it thought, in milliseconds. */
  async suggest(left: string, right: string, timeoutMs: number): Promise<{ ms: number; suggestions: Suggestions }> {
    const start = performance.now();
    const body = { left: { upload_id: left }, right: { upload_id: right } };
    const answer = await this.#post('/api/suggestions', body, AbortSignal.timeout(timeoutMs));
    return { ms: performance.now() - start, suggestions: suggestionsSchema.parse(answer) };
  }

  /**
   * Runs a saved recipe to its end. Throws the run's own sentence where it fails. `pollMs` is the time between two
   * questions whether it has ended: short where that is measured, but each of them is work for the shell too.
   */
  async run(recipeId: string, files: Record<string, string>, timeoutMs: number, pollMs = 25): Promise<FinishedRun> {
    const start = performance.now();
    const { run_id: runId } = z
      .object({ run_id: z.string() })
      .parse(await this.#post('/api/runs', { recipe_id: recipeId, files }));
    for (;;) {
      const run = runSchema.parse(await this.#json(`/api/runs/${runId}`));
      const ms = performance.now() - start;
      if (run.status === 'completed') return { runId, ms, counts: run.counts ?? {} };
      if (run.status === 'failed' || run.status === 'cancelled') {
        throw new Error(`The run ${run.status}: ${run.error?.detail ?? run.error?.title ?? 'no reason given'}`);
      }
      if (ms > timeoutMs) throw new Error(`The run was still ${run.status} after ${timeoutMs / 1000} s.`);
      await setTimeout(pollMs);
    }
  }

  /** Saves the matched rows of a run as a Parquet file. */
  async saveMatched(runId: string, path: string): Promise<void> {
    const response = await this.#call(`/api/runs/${runId}/results/matched?format=parquet`);
    await writeFile(path, Buffer.from(await response.arrayBuffer()));
  }

  async #call(path: string, init?: RequestInit): Promise<Response> {
    const response = await fetch(this.base + path, init);
    if (response.ok) return response;
    const text = (await response.text()).slice(0, 1000);
    throw new Error(`${init?.method ?? 'GET'} ${path} answered ${response.status}: ${text}`);
  }

  async #json(path: string, init?: RequestInit): Promise<unknown> {
    return (await this.#call(path, init)).json();
  }

  #post(path: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    return this.#json(path, { method: 'POST', headers, body: JSON.stringify(body), ...(signal ? { signal } : {}) });
  }
}
