import type { ColumnInfo } from '@kalla/core';
import { spellRows } from '@kalla/testkit';
import type { PlannedColumn } from '../columns.ts';
import { BatchMaker } from '../decode/batch.ts';
import type { Odd } from '../decode/numbers.ts';
import { PageScanner, type PageColumn } from '../hits/page.ts';
import { mergeMappings, type FieldMapping } from '../mapping.ts';
import { mapLeaf, type MappingContext } from '../types.ts';

/** What the server answers to a search: documents as JSON text, and what it computes beside them. */
export function answerOf(documents: ReadonlyArray<{ source: string; fields?: string }>): Buffer {
  const hits = documents.map(
    ({ source, fields }, index) =>
      `{"_index":"i","_id":"${index + 1}","_score":null,"_source":${source}${fields ? `,"fields":${fields}` : ''},"sort":[${index}]}`,
  );
  return Buffer.from(
    `{"pit_id":"p","took":1,"timed_out":false,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0},` +
      `"hits":{"total":{"value":${documents.length},"relation":"eq"},"max_score":null,"hits":[${hits.join(',')}]}}`,
  );
}

/** Columns of a mapping, and the cells that documents give for it; for types that the real server of the tests lacks. */
export function readAnswer(
  properties: Record<string, FieldMapping>,
  documents: ReadonlyArray<{ source: string; fields?: string }>,
  config: MappingContext['config'] = { odd_numbers: 'refuse', nanoseconds: 'text' },
): { columns: ColumnInfo[]; rows: (string | null)[][]; notes: (string | undefined)[] } {
  const columns = mergeMappings([{ properties }]).leaves.map((leaf): PlannedColumn => {
    const mapping = mapLeaf(leaf, { config, lists: new Map() });
    const info = { name: leaf.path, type: mapping.type, source_type: mapping.sourceType };
    return { info, meta: null, path: leaf.path, sourcePath: leaf.path, mapping, leaf };
  });
  const scanned = new PageScanner(
    columns.map(({ path, mapping: { from, codec } }): PageColumn => ({
      path,
      from: from === 'source' ? 'document' : 'computed',
      isRaw: codec === 'json',
    })),
  ).scan(answerOf(documents), documents.length);
  const maker = new BatchMaker(columns, { table: 'i', odd: config.odd_numbers as Odd });
  const batch = maker.make(scanned.cells, scanned.rows, (row) => String(row + 1));
  return {
    columns: columns.map(({ info }) => info),
    rows: spellRows(
      [batch],
      columns.map(({ info }) => info.type),
    ),
    notes: columns.map(({ mapping }) => mapping.note),
  };
}
