import { ConnectorError, type Note, type Operation, type UploadOptions, columnsInstead } from '@kalla/core';
import { profile, type Engine, type PinnedColumn, type Profile } from '@kalla/files';
import { decideNative, faultNotes, numberNotes, placeIn } from './decide.ts';
import type { LoadedSheet } from './read.ts';
import type { ColumnTally } from './column-tally.ts';

/** A sheet whose columns have types. */
export interface TypedSheet {
  columns: PinnedColumn[];
  nulls: number[];
  /** What the cells are in Excel, for example `number`. */
  sourceTypes: string[];
  notes: Note[];
  profile: Profile;
}

/** Types every column: by the kinds of its cells where Excel tells them, else by its texts. */
export async function typeSheet(
  sheet: string,
  loaded: LoadedSheet,
  options: UploadOptions,
  engine: Engine,
  operation: Operation,
): Promise<TypedSheet> {
  const { names } = loaded.rows;
  for (const name of Object.keys(options.columns ?? {})) {
    if (names.includes(name)) continue;
    throw new ConnectorError(
      'config',
      `There is no column "${name}" in the sheet "${sheet}". ${columnsInstead([name], names)}`,
      { field: 'options.columns' },
    );
  }
  const places = loaded.positions.map((position) => placeIn(sheet, position));
  const known = names.map((name, index) =>
    decideNative(name, loaded.tallies[index] as ColumnTally, places[index] ?? String, options.columns?.[name]),
  );
  const found = await profile(loaded.rows, options, engine, operation, known);
  const more = names.flatMap((name, index) => {
    const tally = loaded.tallies[index] as ColumnTally;
    const place = places[index] ?? String;
    const numbers = tally.kinds.has('number') ? numberNotes(name, tally, place) : [];
    return [...numbers, ...faultNotes(name, tally, place)];
  });
  // A blank text has no value in a column of numbers or dates.
  const nulls = found.nulls.map((count, index) => {
    const blank = loaded.tallies[index]?.kinds.get('blank')?.count ?? 0;
    return known[index] && found.columns[index]?.type !== 'text' ? count + blank : count;
  });
  return {
    columns: found.columns,
    nulls,
    sourceTypes: loaded.tallies.map(
      (tally) => [...tally.kinds.keys()].filter((kind) => kind !== 'blank').join(', ') || 'empty',
    ),
    notes: [...found.notes, ...more],
    profile: { ...found, nulls },
  };
}
