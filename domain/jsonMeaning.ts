/**
 * JSON by meaning: texts that stand for the same value give the same normal form. Members are ordered by name and the
 * last of equal names wins; numbers are compared as the decimal numbers they are, never through a double; strings by
 * their characters. `stripNul` leaves the character NUL out of strings and names. A text that is no JSON is only equal
 * to itself.
 */
export function jsonMeaning(text: string, stripNul: boolean): string {
  const reader = new Reader(text, stripNul);
  try {
    return reader.document();
  } catch (error) {
    if (error instanceof NotJson) return `not JSON: ${text}`;
    throw error;
  }
}

class NotJson extends Error {}

const TAB = 0x09;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const WORD = /true|false|null/y;

/** Reads one text from front to end, giving the normal form of what it passes. */
class Reader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly stripNul: boolean,
  ) {}

  document(): string {
    const value = this.value();
    if (this.at !== this.text.length) throw new NotJson();
    return value;
  }

  /** A value with the space around it. */
  private value(): string {
    const value = this.bare(this.next());
    this.next();
    return value;
  }

  private bare(code: number): string {
    switch (code) {
      case OPEN_OBJECT:
        return this.object();
      case OPEN_LIST:
        return this.list();
      case QUOTE:
        return this.string();
      default:
        return this.match(WORD) ?? numberMeaning(this.match(NUMBER));
    }
  }

  private object(): string {
    const members = new Map<string, string>();
    this.at++;
    if (this.next() !== CLOSE_OBJECT) {
      do {
        if (this.next() !== QUOTE) throw new NotJson();
        const name = this.string();
        if (this.next() !== COLON) throw new NotJson();
        this.at++;
        members.set(name, this.value());
      } while (this.take(COMMA));
    }
    if (!this.take(CLOSE_OBJECT)) throw new NotJson();
    const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${sorted.map(([name, value]) => `${name}:${value}`).join()}}`;
  }

  private list(): string {
    const items: string[] = [];
    this.at++;
    if (this.next() !== CLOSE_LIST) {
      do items.push(this.value());
      while (this.take(COMMA));
    }
    if (!this.take(CLOSE_LIST)) throw new NotJson();
    return `[${items.join()}]`;
  }

  private string(): string {
    const start = this.at;
    let escaped = false;
    for (let at = start + 1; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at);
      if (code === BACKSLASH) {
        escaped = true;
        at++;
      } else if (code === QUOTE) {
        this.at = at + 1;
        const literal = this.text.slice(start, this.at);
        return escaped ? this.unescape(literal) : literal;
      }
    }
    throw new NotJson();
  }

  private unescape(literal: string): string {
    const characters = parseString(literal);
    return JSON.stringify(this.stripNul ? characters.replaceAll('\0', '') : characters);
  }

  /** Passes over space and answers the code that comes then; NaN at the end. */
  private next(): number {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== SPACE && code !== TAB && code !== LINE_FEED && code !== RETURN) return code;
      this.at++;
    }
  }

  private take(code: number): boolean {
    if (this.text.charCodeAt(this.at) !== code) return false;
    this.at++;
    return true;
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? null;
    this.at += found?.length ?? 0;
    return found;
  }
}

function parseString(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    throw new NotJson();
  }
}

/** Digits without zeros at either end, and the power of ten behind them. */
function numberMeaning(text: string | null): string {
  if (text === null) throw new NotJson();
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${text.startsWith('-') ? '-' : ''}${significant}e${power}`;
}
