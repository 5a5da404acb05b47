import {
  jobPayloadSchema,
  problemOf,
  type ConnectorLog,
  type JobPayload,
  type ObjectStore,
  type SourceRef,
} from '@kalla/core';
import type { WorkerEnv } from '../env.ts';
import { connectorHost } from '../files/connector-host.ts';
import { discoverConnectors } from '../plugins/discover.ts';
import { tryConnector } from '../plugins/try-connector.ts';
import type { Task, TaskOutput } from '../processes/messages.ts';
import { normalizeSource, resolveSource } from '../sources/resolve-source.ts';
import type { TaskContext, TaskSource } from '../task-contract.ts';
import { withAliases } from '../suggest/aliases.ts';
import type { EngineTasks } from './engine-tasks.ts';
import { checkSource, describeSource, listTables } from './inspect.ts';
import { goneUpload } from './gone-upload.ts';
import { risingShare } from './rising-share.ts';

/** Candidate pairs above which a rule is refused: hours of work for any machine. */
const MAX_PAIRS = 20_000_000_000n;

/** What a child has for all its tasks. */
export interface ChildServices {
  env: WorkerEnv;
  store: ObjectStore;
  log: ConnectorLog;
  engine: EngineTasks;
}

export interface TaskCall {
  task: Task;
  scratchDir: string;
  signal: AbortSignal;
  /** Resolves when more may be sent. */
  output(output: TaskOutput): void | Promise<void>;
}

/** Does one task and returns its result. */
export async function performTask(call: TaskCall, services: ChildServices): Promise<unknown> {
  try {
    return await perform(call, services);
  } catch (error) {
    if (call.signal.aborted || problemOf(error).status < 500) throw error;
    throw (await goneUpload(call.task, services.store, error)) ?? error;
  }
}

async function perform(call: TaskCall, services: ChildServices): Promise<unknown> {
  const { task, signal } = call;
  const { env, engine } = services;
  const host = connectorHost(
    {
      store: services.store,
      scratchDir: call.scratchDir,
      fileRoots: env.fileRoots,
      allowPrivateUrls: env.allowPrivateUrls,
      maxBytes: env.maxFileBytes,
    },
    services.log,
  );
  const connectors = () => discoverConnectors({ pluginsDir: env.pluginsDir, dataDir: env.dataDir });
  const resolve = async (source: SourceRef) => resolveSource(source, await connectors(), host);
  const resolveBoth = async (sources: SourceRef[]): Promise<[TaskSource, TaskSource]> => {
    const found = await connectors();
    const [left, right] = sources as [SourceRef, SourceRef];
    return Promise.all([resolveSource(left, found, host), resolveSource(right, found, host)]);
  };
  const context = (limits?: JobPayload['limits']): TaskContext => ({
    signal,
    scratchDir: call.scratchDir,
    store: services.store,
    host,
    // What was begun for one task may go on for another that waits for the same rows; the first no longer takes anything.
    onProgress: (progress) => void (signal.aborted ? undefined : call.output({ progress })),
    limits: {
      // A job may ask for less than the operator allows, never for more.
      memoryBytes: Math.min(limits?.memory_bytes ?? env.memoryBytes, env.memoryBytes),
      matchSeconds: Math.min(limits?.match_seconds ?? env.matchSeconds, env.matchSeconds),
      maxPairs: MAX_PAIRS,
      threads: env.threads,
    },
  });
  const operation = { signal };

  switch (task.kind) {
    case 'run': {
      const payload = jobPayloadSchema.parse(task.payload);
      return engine.runJob(payload, await resolveBoth(payload.sources), context(payload.limits));
    }
    case 'recipe-preview': {
      return engine.previewRecipe(task.request, await resolveBoth(task.request.sources), context());
    }
    case 'counts':
      return engine.countRecipe(task.request, await resolveBoth(task.request.sources), context());
    case 'suggest': {
      const { left, right } = task.request;
      const sources = withAliases([left, right]);
      return engine.suggestRecipes(task.request, await resolveBoth(sources), context());
    }
    case 'normalize':
      return normalizeSource(task.request, await connectors());
    case 'try-connector':
      return tryConnector(task.trial, env.dataDir, await connectors());
    case 'check': {
      const source = await resolve(task.source);
      const config = source.config as { uri?: unknown } | null;
      const uri = typeof config?.uri === 'string' ? config.uri : task.source.uri;
      const steps = checkSource(
        source,
        host,
        {
          webUri: uri !== undefined && /^https?:/i.test(uri) ? uri : undefined,
          until: task.until,
          allowPrivateUrls: env.allowPrivateUrls,
          maxBytes: env.maxFileBytes,
        },
        operation,
      );
      for await (const step of steps) await call.output({ step });
      return null;
    }
    case 'tables':
      return listTables(
        await resolve(task.source),
        { q: task.q, cursor: task.cursor, limit: task.limit },
        host,
        operation,
      );
    case 'describe': {
      const onProgress = risingShare((share) => {
        if (!signal.aborted) void call.output({ share });
      });
      return describeSource(await resolve(task.source), host, { signal, onProgress });
    }
    case 'preview': {
      const { offset, limit, columns, max_columns } = task;
      return engine.previewRows(await resolve(task.source), { offset, limit, columns, max_columns }, context());
    }
    case 'keys':
      return engine.proveKey(await resolve(task.source), task.columns, context());
    case 'validate':
      return engine.validateMatchSql(task.request);
    case 'rows':
      return engine.readResultRows(task.request, context());
    case 'summary':
      return engine.summarizeSelection(task.request, context());
    case 'candidates':
      return engine.findCandidates(task.request, context());
    case 'export': {
      for await (const chunk of engine.exportResultRows(task.request, context())) await call.output({ chunk });
      return null;
    }
  }
}
