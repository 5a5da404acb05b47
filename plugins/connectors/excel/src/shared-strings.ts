import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { brokenError } from './errors.ts';
import { readXml } from './xml.ts';
import { unescapeText } from './text.ts';
import type { Operation } from '@kalla/core';
import type { Archive } from './zip.ts';

/** Texts that are written and read together. */
const GROUP = 64;
/** Bytes of texts that are held in memory; all others lie on disk. */
const CACHE_BYTES = 4 << 20;

/**
 * The shared texts of a workbook, which cells name by number. They are read only as far as they are asked for, and lie in a
 * file: a workbook may hold more of them than fit into memory. Rich text comes without its formats, phonetic hints are left out.
 */
export class SharedStrings implements Disposable {
  readonly #source: AsyncGenerator<void>;
  readonly #file: number;
  readonly #name: string;
  readonly #groups: { at: number; bytes: number }[] = [];
  readonly #cache = new Map<number, { texts: string[]; bytes: number }>();
  #cached = 0;
  #open: string[] = [];
  #end = 0;
  #done = false;

  constructor(archive: Archive, part: string, scratchFile: string, operation: Operation) {
    this.#name = archive.name;
    this.#file = openSync(scratchFile, 'w+');
    let text = '';
    let inText = false;
    let phonetic = false;
    this.#source = readXml(
      archive.read(part, operation),
      {
        open: (element) => {
          if (element === 'si') text = '';
          else if (element === 't') inText = !phonetic;
          else if (element === 'rPh') phonetic = true;
        },
        close: (element) => {
          if (element === 't') inText = false;
          else if (element === 'rPh') phonetic = false;
          else if (element === 'si') this.#add(unescapeText(text));
        },
        text: (piece) => {
          if (inText) text += piece;
        },
      },
      archive.name,
      part,
      operation,
    );
  }

  /** Reads on until the text of this number is there. */
  async reach(index: number): Promise<void> {
    while (!this.#done && index >= this.#groups.length * GROUP + this.#open.length) {
      this.#done = (await this.#source.next()).done === true;
    }
  }

  /** A text by its number; it has to be reached before. Throws where the workbook has no such text. */
  get(index: number, place: () => string): string {
    const group = Math.floor(index / GROUP);
    const texts = group === this.#groups.length ? this.#open : this.#load(group);
    const text = texts?.[index % GROUP];
    if (text === undefined) throw brokenError(this.#name, `${place()} names a text that the workbook does not hold`);
    return text;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
    void this.#source.return(undefined);
  }

  #add(text: string): void {
    this.#open.push(text);
    if (this.#open.length < GROUP) return;
    const bytes = Buffer.from(JSON.stringify(this.#open));
    writeSync(this.#file, bytes, 0, bytes.length, this.#end);
    this.#groups.push({ at: this.#end, bytes: bytes.length });
    this.#keep(this.#groups.length - 1, this.#open, bytes.length);
    this.#end += bytes.length;
    this.#open = [];
  }

  #load(index: number): string[] | undefined {
    const cached = this.#cache.get(index);
    if (cached) return cached.texts;
    const group = this.#groups[index];
    if (!group) return undefined;
    const bytes = Buffer.alloc(group.bytes);
    readSync(this.#file, bytes, 0, group.bytes, group.at);
    const texts = JSON.parse(bytes.toString()) as string[];
    this.#keep(index, texts, group.bytes);
    return texts;
  }

  #keep(index: number, texts: string[], bytes: number): void {
    this.#cache.set(index, { texts, bytes });
    this.#cached += bytes;
    // The oldest go first; what is asked for again comes back from the disk's cache in microseconds.
    for (const [oldest, { bytes: freed }] of this.#cache) {
      if (this.#cached <= CACHE_BYTES || this.#cache.size === 1) break;
      this.#cache.delete(oldest);
      this.#cached -= freed;
    }
  }
}
