import { jsonNumber } from './jsonNumbers';
import { refused, type WriteValue } from './writeValue';

/** A string, a number, or what stands between them; words and spaces are passed over. */
const TOKEN = /"(?:[^"\\]|\\[^])*"|-?\d[\d.eE+-]*|[[\]{},:]/g;

/** A number that a text does not carry into MySQL's JSON, where it stands, and what it is. */
interface Replaced {
  readonly start: number;
  readonly end: number;
  /** MySQL's JSON path. */
  readonly path: string;
  /** MySQL's literal. */
  readonly literal: string;
}

/**
 * A JSON document of MySQL's own. Its text is read by the server, which makes doubles of all numbers with a point; those
 * that are none go into their places as decimals, and so do the doubles where the server reads them inexactly. What has a
 * place in none of its types is refused.
 */
export function json(readsDoubles: boolean): WriteValue {
  return (out, bytes, start, end) => {
    const document = bytes.toString('utf8', start, end);
    const numbers = numbersBeside(document, readsDoubles);
    if (numbers.length === 0) {
      out.quoted(bytes, start, end);
      return;
    }
    let text = '';
    let at = 0;
    for (const number of numbers) {
      text += `${document.slice(at, number.start)}0`;
      at = number.end;
    }
    out.text('JSON_REPLACE(');
    const quoted = (words: string): void => {
      const encoded = Buffer.from(words);
      out.quoted(encoded, 0, encoded.length);
    };
    quoted(text + document.slice(at));
    for (const { path, literal } of numbers) {
      out.text(',');
      quoted(path);
      out.text(`,${literal}`);
    }
    out.text(')');
  };
}

function numbersBeside(document: string, readsDoubles: boolean): Replaced[] {
  const found: Replaced[] = [];
  const place = new Place();
  for (const { 0: token, index } of document.matchAll(TOKEN)) {
    const first = token[0] as string;
    if (first === '"') place.string(token);
    else if (/[-\d]/.test(first)) {
      const literal = literalOf(token, readsDoubles);
      if (literal !== null) found.push({ start: index, end: index + token.length, path: place.path(), literal });
    } else place.mark(first);
  }
  return found;
}

/** Null for a number that a text carries. */
function literalOf(token: string, readsDoubles: boolean): string | null {
  switch (jsonNumber(token)) {
    case 'integer':
      return null;
    case 'double':
      return readsDoubles ? null : `${token}${/e/i.test(token) ? '' : 'e0'}`;
    case 'decimal':
      return token;
    case 'none':
      throw refused(token, "is no number that the source's JSON can hold");
  }
}

/** Where in a document its reading is: of each object that is open the member's name, of each array the place. */
class Place {
  private readonly legs: (string | number)[] = [];
  private isName = false;

  string(token: string): void {
    if (this.isName) this.legs[this.legs.length - 1] = token;
  }

  mark(mark: string): void {
    const last = this.legs.at(-1);
    switch (mark) {
      case '{':
        this.legs.push('');
        break;
      case '[':
        this.legs.push(0);
        break;
      case '}':
      case ']':
        this.legs.pop();
        break;
      case ',':
        if (typeof last === 'number') this.legs[this.legs.length - 1] = last + 1;
        break;
    }
    this.isName = mark !== ':' && typeof this.legs.at(-1) === 'string' && (mark === '{' || mark === ',');
  }

  path(): string {
    return `$${this.legs.map((leg) => (typeof leg === 'string' ? `.${leg}` : `[${leg}]`)).join('')}`;
  }
}
