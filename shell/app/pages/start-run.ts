import { request } from '../federation/api-client.ts';

/** Starts a run of a recipe and resolves to the path of its page. Throws `ApiError`. */
export async function startRun(recipeId: string, files: Record<string, string> = {}): Promise<string> {
  const { run_id } = await request<{ run_id: string }>('POST', '/api/runs', { recipe_id: recipeId, files });
  return `/runs/${run_id}`;
}
