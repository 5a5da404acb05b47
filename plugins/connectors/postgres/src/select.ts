import { ConnectorError, quoteIdentifier, type ColumnInfo, type Note } from '@kalla/core';
import { readColumns, type CatalogColumn, type Relation } from './catalog.ts';
import type { Session } from './session.ts';
import { readTypeFacts } from './type-facts.ts';
import { mapColumn, type Codec } from './types.ts';

/** A column as it is selected and decoded. */
export interface PlannedColumn {
  info: ColumnInfo;
  codec: Codec;
  /** SQL of the value that is sent. */
  expression: string;
  /** {@link CatalogColumn.declared}, to see a change before bytes are decoded in a wrong way. */
  declared: string;
  note: string | null;
}

/**
 * The columns of a table that this user may read, mapped to Kalla's types. Columns that may not be read are noted.
 * `wanted` keeps only these, in this order.
 *
 * @throws ConnectorError `schema-changed` that names wanted columns which are not there, `permission` where none may be read.
 */
export async function planColumns(
  session: Session,
  relation: Relation,
  wanted?: readonly string[],
): Promise<{ columns: PlannedColumn[]; notes: Note[] }> {
  const all = await readColumns(session, relation);
  const chosen = choose(relation, all, wanted);
  const facts = await readTypeFacts(session, relation, chosen);
  const asText = new Set(session.config.text_columns);
  const columns = chosen.map((column): PlannedColumn => {
    const mapping = mapColumn(column, facts, asText);
    const name = quoteIdentifier(column.name);
    return {
      info: { name: column.name, type: mapping.type, source_type: column.sourceType, nullable: !column.notNull },
      codec: mapping.codec,
      expression: mapping.cast ? `${name}::${mapping.cast}` : name,
      declared: column.declared,
      note: mapping.note ?? null,
    };
  });
  const notes: Note[] = columns.flatMap(({ info, note }) => (note ? [{ column: info.name, message: note }] : []));
  for (const column of wanted ? [] : all.filter(({ readable }) => !readable)) {
    notes.push({
      column: column.name,
      message: `Left out: this user has no right to read the column "${column.name}".`,
    });
  }
  if (relation.rowSecurity) {
    notes.push({ message: 'Row-level security is on: rows that this user may not see are not in the data.' });
  }
  if (relation.hasChildren) {
    notes.push({
      message: 'Other tables inherit from this one; their rows are read with it, and no key is proved for all of them.',
    });
  }
  return { columns, notes };
}

function choose(relation: Relation, all: readonly CatalogColumn[], wanted?: readonly string[]): CatalogColumn[] {
  const readable = all.filter((column) => column.readable);
  if (all.length === 0) throw new ConnectorError('config', `Table ${relation.id} has no columns.`, { field: 'table' });
  if (wanted) {
    const byName = new Map(all.map((column) => [column.name, column]));
    const missing = wanted.filter((name) => !byName.has(name));
    if (missing.length)
      throw columnsGone(
        relation.id,
        missing,
        all.map(({ name }) => name),
      );
    const chosen = wanted.map((name) => byName.get(name)!);
    const closed = chosen.filter((column) => !column.readable).map(({ name }) => `"${name}"`);
    if (closed.length) {
      throw new ConnectorError('permission', `This user may not read ${closed.join(', ')} of ${relation.id}.`, {
        hint: 'Ask an administrator for GRANT SELECT on the table or on these columns.',
      });
    }
    return chosen;
  }
  if (readable.length === 0) {
    throw new ConnectorError('permission', `This user may not read any column of ${relation.id}.`, {
      hint: 'Ask an administrator for GRANT SELECT on the table.',
    });
  }
  return readable;
}

/** `schema-changed`: which columns a recipe or plan relies on are gone, and what there is now. */
export function columnsGone(table: string, missing: readonly string[], present: readonly string[]): ConnectorError {
  const list = (names: readonly string[]) => {
    const shown = names
      .slice(0, 30)
      .map((name) => `"${name}"`)
      .join(', ');
    return names.length > 30 ? `${shown} and ${names.length - 30} more` : shown;
  };
  const [noun, verb] = missing.length === 1 ? ['column', 'is'] : ['columns', 'are'];
  return new ConnectorError(
    'schema-changed',
    `Table ${table}: ${noun} ${list(missing)} ${verb} not there. It has ${list(present)}.`,
    {
      hint: 'Put the column back, or change the recipe to the columns that are there now.',
      faults: missing.slice(0, 20).map((column) => ({ column, message: `The column "${column}" is not there.` })),
    },
  );
}
