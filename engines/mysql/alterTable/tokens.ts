/** A piece of a statement. What stands in double quotes is a name in some modes and a text in others. */
export interface Token {
  readonly kind: 'word' | 'name' | 'text' | 'double' | 'mark';
  /** Without its quotes. */
  readonly text: string;
}

const PIECE =
  /(?<space>\s+)|(?<comment>\/\*(?!M?!)[^]*?\*\/|#[^\n]*|--(?=\s|$)[^\n]*)|`(?<name>(?:[^`]|``)+)`|"(?<double>(?:[^"\\]|"")*)"|'(?<text>(?:[^'\\]|'')*)'|(?<word>[\w$\u0080-\uffff]+)|(?<mark>[(),.=;+-])/uy;

/**
 * Takes a statement apart. Null for one with anything of which the meaning depends on the server that ran it, or on its
 * mode: comments that are run, backslashes in texts, marks of other statements.
 */
export function readTokens(statement: string): Token[] | null {
  const tokens: Token[] = [];
  PIECE.lastIndex = 0;
  while (PIECE.lastIndex < statement.length) {
    const groups = PIECE.exec(statement)?.groups;
    if (groups === undefined) {
      PIECE.lastIndex = 0;
      return null;
    }
    const { word, name, text, double, mark } = groups;
    if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name.replaceAll('``', '`') });
    else if (text !== undefined) tokens.push({ kind: 'text', text: text.replaceAll("''", "'") });
    else if (double !== undefined) tokens.push({ kind: 'double', text: double.replaceAll('""', '"') });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
  }
  return tokens;
}
