/** A target's rules for names. */
export interface NameRules {
  /** The longest name, and the longest label of an enum, in bytes of UTF-8. */
  readonly maxBytes: number;
  /** What the target makes of an unquoted name. */
  readonly fold: (name: string) => string;
  /** Names no column can have, because each table has such a column of the system's. */
  readonly systemColumns: ReadonlySet<string>;
  /** Names that SQL must quote. */
  readonly reservedWords: ReadonlySet<string>;
}

/** Names of one kind of object within one place, where each may be used once. */
export class Namespace {
  readonly #taken: Set<string>;

  constructor(
    private readonly maxBytes: number,
    taken: Iterable<string> = [],
  ) {
    this.#taken = new Set(taken);
  }

  has(name: string): boolean {
    return this.#taken.has(name);
  }

  /** Keeps a name from being given to anything else. */
  reserve(name: string): void {
    this.#taken.add(name);
  }

  /** Takes the wanted name, cut to what fits and numbered when it is taken: `name`, `name_2`, `name_3` … */
  claim(wanted: string): string {
    for (let number = 1; ; number++) {
      const suffix = number === 1 ? '' : `_${number}`;
      const name = cutToBytes(wanted, this.maxBytes - suffix.length) + suffix;
      if (this.#taken.has(name)) continue;
      this.#taken.add(name);
      return name;
    }
  }
}

/** Bytes of UTF-8. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** The longest beginning that takes at most that many bytes of UTF-8 and ends between two characters. */
export function cutToBytes(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += byteLength(character);
    if (bytes > maxBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/**
 * A name made of two parts and perhaps a label, like PostgreSQL's own (`orders_id_seq`): when it is too long, the
 * longer part is cut until it fits, so that both can still be read.
 */
export function joinName(maxBytes: number, first: string, second: string, label = ''): string {
  const ending = label === '' ? '' : `_${label}`;
  const room = maxBytes - byteLength(ending) - (second === '' ? 0 : 1);
  let [firstBytes, secondBytes] = [byteLength(first), byteLength(second)];
  while (firstBytes + secondBytes > room) {
    if (firstBytes > secondBytes) firstBytes--;
    else secondBytes--;
  }
  const parts = [cutToBytes(first, firstBytes), cutToBytes(second, secondBytes)].filter((part) => part !== '');
  return parts.join('_') + ending;
}
