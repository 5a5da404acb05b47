import { Agent, request, type IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { TaskOutput } from '../measure.ts';

export interface DrainInput {
  url: string;
  index: string;
  /** Parts of the moment that are read at the same time. */
  slices: number;
}

const PAGE = 10_000;
const agent = new Agent({ keepAlive: true });

/** Reads a point in time to its end, whole documents and the dates as the server computes them, and throws every byte away. */
export async function elasticsearchDrain({ url, index, slices }: DrainInput): Promise<TaskOutput> {
  const start = performance.now();
  const { id } = JSON.parse((await ask(url, 'POST', `/${index}/_pit?keep_alive=5m`)).toString()) as { id: string };
  const counts = await Promise.all(
    Array.from({ length: slices }, async (_, slice) => {
      let rows = 0;
      for (let after: string | null = null; ;) {
        const body = JSON.stringify({
          size: PAGE,
          track_total_hits: false,
          pit: { id, keep_alive: '5m' },
          sort: [{ _shard_doc: 'asc' }],
          docvalue_fields: ['inv_date', 'created_at'].map((field) => ({ field, format: 'epoch_millis' })),
          ...(slices > 1 ? { slice: { id: slice, max: slices } } : {}),
          ...(after === null ? {} : { search_after: JSON.parse(after) as unknown }),
        });
        const bytes = await ask(url, 'POST', '/_search', body);
        const count = occurrences(bytes, '"sort":[');
        rows += count;
        const at = bytes.lastIndexOf('"sort":');
        if (count < PAGE || at < 0) return rows;
        after = bytes.toString('latin1', at + 7, bytes.indexOf(']', at) + 1);
      }
    }),
  );
  await ask(url, 'DELETE', '/_pit', JSON.stringify({ id }));
  const ms = performance.now() - start;
  agent.destroy();
  return { ms, rows: counts.reduce((all, count) => all + count, 0) };
}

/** How often a text occurs; the end of each document, as far as these documents go. */
function occurrences(bytes: Buffer, text: string): number {
  let count = 0;
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + text.length)) count++;
  return count;
}

async function ask(url: string, method: string, path: string, body?: string): Promise<Buffer> {
  // Node sends no length with a DELETE by itself.
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body ?? '') };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url + path, { method, agent, headers }, resolve)
      .once('error', reject)
      .end(body);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode} ${bytes.toString().slice(0, 500)}`);
  return bytes;
}
