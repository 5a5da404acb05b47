import { ConnectorError, type Batch, type Operation, type Split } from '@kalla/core';
import { findTable, readColumns } from './catalog.ts';
import type { PostgresConfig } from './config.ts';
import { CopyDecoder } from './copy-decoder.ts';
import { CopyOut } from './copy-out.ts';
import { copyStatement, type PostgresPlan } from './plan.ts';
import { columnsGone } from './select.ts';
import { Session } from './session.ts';
import type { SharedSnapshots } from './shared-snapshots.ts';

/**
 * Reads one split as Arrow batches, in a session and a read-only transaction of its own. The server is held back by the
 * socket while nobody asks for a batch. Abort, an error, or leaving the loop cancels the statement and ends the session.
 */
export async function* readSplit(
  config: PostgresConfig,
  snapshots: SharedSnapshots,
  plan: PostgresPlan,
  split: Split,
  operation: Operation,
): AsyncGenerator<Batch, void, void> {
  const { relation, columns, checkUtf8 } = plan.postgres;
  const snapshot = await snapshots.nameFor(plan);
  const session = await Session.open(config, operation);
  let finished = false;
  try {
    await session.begin(snapshot);
    await snapshots.joined(plan, split.id);
    await assertUnchanged(session, plan);
    const decoder = new CopyDecoder(columns, { table: relation.id, checkUtf8 });
    const copy = session.client.query(new CopyOut(copyStatement(plan, split), decoder));
    for (let rest: Buffer | null = null; rest === null;) {
      await copy.more();
      rest = yield* decoder.batches();
      if (rest !== null) copy.handBack(rest);
    }
    await copy.completed;
    yield* decoder.finish();
    await session.rows('COMMIT');
    finished = true;
  } catch (error) {
    throw session.explain(error, relation.id);
  } finally {
    await (finished ? session[Symbol.asyncDispose]() : session.stop());
  }
}

/**
 * Between plan and read, days may lie. A table that was dropped, renamed or altered is named here in words; decoding its
 * bytes by the old types could otherwise give wrong values.
 */
async function assertUnchanged(session: Session, { postgres }: PostgresPlan): Promise<void> {
  const relation = await findTable(session, postgres.relation.id);
  const present = new Map((await readColumns(session, relation)).map((column) => [column.name, column]));
  const missing = postgres.columns.map(({ info }) => info.name).filter((name) => !present.has(name));
  if (missing.length) throw columnsGone(relation.id, missing, [...present.keys()]);
  for (const { info, declared } of postgres.columns) {
    const now = present.get(info.name)!;
    if (now.declared === declared) continue;
    throw new ConnectorError(
      'schema-changed',
      `Table ${relation.id}: column "${info.name}" is ${now.sourceType} now and was ${info.source_type} when the read was planned.`,
      { hint: 'Run it again; the new type is then taken up.' },
    );
  }
}
