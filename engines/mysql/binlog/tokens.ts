/** A word, a quoted name or text, or a single mark. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'text' | 'mark';
  /** Without quotes. */
  readonly text: string;
}

const PIECE =
  /(?<space>\s+)|(?<comment>\/\*(?!M?!)[^]*?(?:\*\/|$)|#[^\n]*|--(?=\s|$)[^\n]*)|(?<condition>\/\*M?!\d*|\*\/)|(?<backtick>`(?:[^`]|``)*`)|(?<double>"(?:[^"\\]|\\[^]|"")*")|(?<single>'(?:[^'\\]|\\[^]|'')*')|(?<word>[\w$\u0080-\uffff]+)|(?<mark>[^])/guy;

/**
 * Takes a statement apart as far as names and verbs need it. What stands in a conditional comment counts, as on the
 * server that logged it; double quotes are taken for a name's, which they are in some modes.
 */
export function* tokens(statement: string): Generator<Token> {
  for (const { groups = {} } of statement.matchAll(PIECE)) {
    const { backtick, double, single, word, mark } = groups;
    if (word !== undefined) yield { kind: 'word', text: word };
    else if (backtick !== undefined) yield { kind: 'quoted', text: backtick.slice(1, -1).replaceAll('``', '`') };
    else if (double !== undefined) yield { kind: 'quoted', text: double.slice(1, -1).replaceAll('""', '"') };
    else if (single !== undefined) yield { kind: 'text', text: single.slice(1, -1) };
    else if (mark !== undefined) yield { kind: 'mark', text: mark };
  }
}
