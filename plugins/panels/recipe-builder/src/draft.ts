import type { Recipe, RecipeSource, Rule, Upload } from '@kalla/core';

export const sideNames = ['left', 'right'] as const;
export type SideName = (typeof sideNames)[number];
export const otherSide = (side: SideName): SideName => (side === 'left' ? 'right' : 'left');

/** Where the rows of a side come from while the recipe is built. */
export type SideRef =
  | { kind: 'upload'; uploadId: string; filename: string }
  | { kind: 'source'; alias: string }
  /** As the stored recipe has it: an address, or a file of which none is at hand. */
  | { kind: 'stored'; source: RecipeSource };

/** True for what is read anew each time, and may be other rows then. An upload stays what it is. */
export const isLive = (ref: SideRef | undefined): boolean =>
  ref?.kind === 'source' || (ref?.kind === 'stored' && ref.source.type !== 'file');

export interface SideDraft {
  ref: SideRef;
  /** Name of the table in the SQL and in the sentence. */
  alias: string;
  /** Columns that tell one row from another; null until they are proposed. */
  primaryKey: string[] | null;
  /** Columns of the file that belong to the recipe; null: all that it has. */
  schema: string[] | null;
  /** Types of the recipe's columns when it was saved. */
  types?: RecipeSource['types'];
  /** How the file is to be read, as it was answered. */
  options: Record<string, unknown>;
}

/** Everything that undo takes back, a draft keeps and a save stores. */
export interface Draft {
  name: string;
  description: string;
  sides: Record<SideName, SideDraft | null>;
  /** The clicks; without conditions there is no rule yet. */
  rule: Rule;
  /** SQL that was written by hand, in place of what the clicks make. */
  sql: string | null;
  /** What SQL that was written by hand does, in its author's words. */
  sqlDescription: string;
}

export const emptyRule: Rule = { conditions: [], pairing: 'once' };
export const emptyDraft: Draft = {
  name: '',
  description: '',
  sides: { left: null, right: null },
  rule: emptyRule,
  sql: null,
  sqlDescription: '',
};

/** The draft of a stored recipe. `files` are uploads by alias that are perhaps still there. */
export function draftOfRecipe(
  recipe: Recipe,
  files: Readonly<Record<string, { uploadId: string; filename: string }>> = {},
): Draft {
  const side = (source: RecipeSource): SideDraft => {
    const file = source.type === 'file' ? files[source.alias] : undefined;
    const ref: SideRef = file
      ? { kind: 'upload', ...file }
      : source.type !== 'file' && source.uri === undefined
        ? { kind: 'source', alias: source.alias }
        : { kind: 'stored', source };
    return {
      ref,
      alias: source.alias,
      primaryKey: source.primary_key ?? null,
      schema: source.schema ?? null,
      options: source.options ?? {},
      ...(source.types ? { types: source.types } : {}),
    };
  };
  return {
    name: recipe.name,
    description: recipe.description,
    sides: { left: side(recipe.sources.left), right: side(recipe.sources.right) },
    rule: recipe.rule ?? emptyRule,
    // Whether the clicks make this SQL is known once the columns' types are.
    sql: recipe.match_sql,
    sqlDescription: recipe.match_description,
  };
}

/**
 * A side with another file or source. What is known of the side stays where the new one has all its columns, so that the same
 * rule can be tried on the file of another month.
 */
export function withUpload(before: SideDraft | null, upload: Upload, taken: string | undefined): SideDraft {
  const ref: SideRef = { kind: 'upload', uploadId: upload.upload_id, filename: upload.filename };
  const has = new Set(['_row', ...upload.columns.map((column) => column.name)]);
  const wasFile = before && (before.ref.kind === 'upload' || before.ref.kind === 'stored');
  if (before && wasFile && before.schema?.every((name) => has.has(name))) return { ...before, ref };
  return {
    ref,
    alias: wasFile ? before.alias : aliasOf(upload.filename, taken),
    primaryKey: wasFile && before.primaryKey?.every((name) => has.has(name)) ? before.primaryKey : null,
    schema: null,
    options: {},
  };
}

/**
 * A table name for a file: its name without ending, in the letters that an alias may have.
 *
 * @example aliasOf('Kontoauszug März 2026.csv') === 'kontoauszug_marz_2026'
 */
export function aliasOf(filename: string, taken?: string): string {
  const plain = filename
    .replace(/(\.[A-Za-z0-9]{1,10}){1,2}$/, '')
    .normalize('NFD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/ß/g, 'ss')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 40)
    .replace(/_+$/, '');
  const named = /^[a-z]/.test(plain) ? plain : `file_${plain}`.replace(/_+$/, '');
  return named === taken ? `${named}_2` : named;
}

/** True where the rule or the key needs a column; SQL that was written by hand is searched for its name. */
export function usesColumn({ rule, sides, sql }: Draft, side: SideName, name: string): boolean {
  if (sides[side]?.primaryKey?.includes(name)) return true;
  return sql === null ? rule.conditions.some((condition) => condition[side] === name) : sql.includes(name);
}

/** True for what may be the name of a table in a rule. */
export const isAlias = (text: string) => /^[a-z_][a-z0-9_]{0,62}$/.test(text);
