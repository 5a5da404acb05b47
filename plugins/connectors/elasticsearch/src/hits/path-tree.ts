/** What is known about a name in an object: the column or the inner object it belongs to, or that nobody asked for it. */
export interface Entry {
  /** The name as it stands between the quotes. */
  bytes: Uint8Array;
  node: PathNode | null;
  /** Place in the order in which names were first met. */
  index: number;
}

/** The most names remembered for one object, so that documents with ever new names fill no memory. */
const MOST_NAMES = 20_000;

/**
 * The fields that are asked for, as a tree of their names. Objects of one index mostly have the same names in the same order, so
 * each object remembers the order and looks a name up only where it is not the expected one.
 */
export class PathNode {
  /** Index of the column that is read here, or -1. */
  column = -1;
  readonly children = new Map<string, PathNode>();
  readonly order: Entry[] = [];
  readonly #known = new Map<string, Entry>();
  /** Names with dots are taken whole, as the server writes them beside a document. */
  readonly #isFlat: boolean;

  constructor(isFlat = false) {
    this.#isFlat = isFlat;
  }

  /** Adds a column by its path. */
  add(path: string, column: number): void {
    const [name, ...rest] = this.#isFlat ? [path] : path.split('.');
    const child = this.children.get(name!) ?? new PathNode();
    this.children.set(name!, child);
    if (rest.length > 0) child.add(rest.join('.'), column);
    else child.column = column;
  }

  /** The entry of a name that is not the expected one. */
  find(buffer: Buffer, from: number, to: number): Entry {
    const key = buffer.toString('latin1', from, to);
    const known = this.#known.get(key);
    if (known) return known;
    const entry: Entry = {
      bytes: Uint8Array.prototype.slice.call(buffer, from, to),
      node: this.#resolve(nameOf(buffer, from, to)),
      index: this.order.length,
    };
    if (this.order.length < MOST_NAMES) {
      this.order.push(entry);
      this.#known.set(key, entry);
    }
    return entry;
  }

  /** `{"a.b": 1}` is the same as `{"a": {"b": 1}}`. */
  #resolve(name: string): PathNode | null {
    const whole = this.children.get(name);
    const dot = name.indexOf('.');
    if (whole || this.#isFlat || dot < 0) return whole ?? null;
    const child = this.children.get(name.slice(0, dot));
    return child ? child.#resolve(name.slice(dot + 1)) : null;
  }
}

function nameOf(buffer: Buffer, from: number, to: number): string {
  const text = buffer.toString('utf8', from, to);
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}
