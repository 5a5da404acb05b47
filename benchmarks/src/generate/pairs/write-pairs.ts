import { createWriteStream } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { csvLine } from '../csv-text.ts';
import { Random } from '../random.ts';
import { cellText } from './cells.ts';
import { CaseMaker } from './case-maker.ts';
import { extraColumns } from './extra-columns.ts';
import { kindNames, pairKinds, type KindName } from './kinds/index.ts';
import { noiseLevels, type NoiseLevel } from './noise.ts';
import type { Row, Side } from './pair-kind.ts';

export interface PairsRequest {
  kind: KindName;
  noise: NoiseLevel;
  /** Rows of the left side; the right has about as many. */
  rows: number;
  seed: number;
}

/** Where the files are, and how many rows each has. */
export interface PairFiles {
  left: string;
  right: string;
  /** CSV of `left_row,right_row,case`, rows counted from 1: every pair of rows that belong together. */
  truth: string;
  rows: { left: number; right: number };
}

type SideName = 'left' | 'right';
const sides = ['left', 'right'] as const;
/** More rows than a case ever has on one side. */
const ROOM = 16;

/**
 * Writes the two files of a kind and the truth about them into a folder; the same request writes the same bytes.
 *
 * Rows of a side that do not differ in any cell of the kind's own (noise columns and running numbers aside) can be
 * exchanged for one another, so their cases are one case.
 */
export async function writePairs(request: PairsRequest, folder: string): Promise<PairFiles> {
  const kind = pairKinds[request.kind];
  const noise = noiseLevels[request.noise];
  // Each kind has its own dice, so that the same cases are not missing everywhere.
  const seed = request.seed * 100 + kindNames.indexOf(request.kind);
  const caseMaker = (index: number) => new CaseMaker(seed, index, request.rows, noise);
  const made = (index: number) => kind.make(caseMaker(index));
  const order = deal({ ...request, seed }, caseMaker, made);
  await mkdir(folder, { recursive: true });

  const merged = new Cases();
  const files = {} as Record<SideName, string>;
  for (const side of sides) {
    const layout = kind[side];
    files[side] = join(folder, `${layout.file}.csv`);
    const extras = extraColumns(layout.language, noise.extraColumns, layout.keyless);
    const seen = new Map<string, number>();
    const lines = function* () {
      yield csvLine([...Object.keys(layout.columns), ...extras.map(({ name }) => name)], layout.style.delimiter);
      for (const [row, place] of order[side].entries()) {
        const index = Math.floor(place / ROOM);
        const rows = made(index)[side];
        const own = rows[(place % ROOM) % rows.length] as Row;
        const twin = Object.values(own).join('\u0000');
        merged.join(seen.get(twin) ?? index, index);
        seen.set(twin, index);
        const random = new Random(Math.imul(row + 1, 0x9e3779b1) ^ (seed + (side === 'left' ? 0 : 77_777)));
        const cells = [...ownCells(own, layout, row), ...extras.map(({ make }) => make(random))];
        yield csvLine(
          cells.map((cell) => cellText(cell, layout.style)),
          layout.style.delimiter,
        );
      }
    };
    // Written beside and renamed: a file that is there is whole.
    await pipeline(Readable.from(chunks(lines())), createWriteStream(`${files[side]}.part`));
    await rename(`${files[side]}.part`, files[side]);
  }
  const truth = join(folder, 'truth.csv');
  await writeFile(truth, truthText(order, merged));
  return { ...files, truth, rows: { left: order.left.length, right: order.right.length } };
}

/** Which rows there are: for each side, in the order of its file, the case of a row and its place in it. */
function deal(
  request: PairsRequest,
  caseMaker: (index: number) => CaseMaker,
  made: (index: number) => Record<SideName, Row[]>,
): Record<SideName, number[]> {
  const noise = noiseLevels[request.noise];
  const order: Record<SideName, number[]> = { left: [], right: [] };
  for (let index = 0; order.left.length < request.rows; index += 1) {
    const rows = made(index);
    const random = caseMaker(index).about(index, 3);
    for (const side of sides) {
      const missing = random.next() < noise.missing;
      const twice = random.next() < noise.duplicates / 2;
      if (missing) continue;
      for (let place = 0; place < rows[side].length * (twice ? 2 : 1); place += 1)
        order[side].push(index * ROOM + place);
    }
  }
  order.left.length = request.rows;
  if (noise.shuffled) for (const [salt, side] of sides.entries()) shuffle(order[side], new Random(request.seed + salt));
  return order;
}

function shuffle(places: number[], random: Random): void {
  for (let last = places.length - 1; last > 0; last -= 1) {
    const other = random.between(0, last);
    [places[last], places[other]] = [places[other] as number, places[last] as number];
  }
}

function ownCells(row: Row, side: Side, at: number) {
  return Object.entries(side.columns).map(([name, kind]) => {
    if (typeof kind === 'function') return kind(at);
    const cell = row[name];
    if (cell === undefined) throw new Error(`The kind makes no cell for the column "${name}" of ${side.file}.`);
    return cell;
  });
}

/** Cases that count as one. */
class Cases {
  readonly #parents = new Map<number, number>();

  root(index: number): number {
    let at = index;
    for (let parent = this.#parents.get(at); parent !== undefined; parent = this.#parents.get(at)) at = parent;
    return at;
  }

  join(one: number, other: number): void {
    const [a, b] = [this.root(one), this.root(other)];
    if (a !== b) this.#parents.set(Math.max(a, b), Math.min(a, b));
  }
}

function truthText(order: Record<SideName, number[]>, cases: Cases): string {
  const right = new Map<number, number[]>();
  for (const [row, place] of order.right.entries()) {
    const root = cases.root(Math.floor(place / ROOM));
    right.set(root, [...(right.get(root) ?? []), row + 1]);
  }
  const lines = ['left_row,right_row,case\n'];
  for (const [row, place] of order.left.entries()) {
    const root = cases.root(Math.floor(place / ROOM));
    for (const partner of right.get(root) ?? []) lines.push(`${row + 1},${partner},${root}\n`);
  }
  return lines.join('');
}

/** Joins lines to pieces of some 64 KB: a stream with an event for each line takes far longer. */
function* chunks(lines: Iterable<string>): Generator<string> {
  let piece = '';
  for (const line of lines) {
    piece += line;
    if (piece.length > 65_536) {
      yield piece;
      piece = '';
    }
  }
  yield piece;
}
