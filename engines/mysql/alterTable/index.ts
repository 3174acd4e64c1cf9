import type { Alteration, ColumnClause, ColumnPlace, DeclaredColumn } from '../../../domain/alteration';
import { readTokens, type Token } from './tokens';
import type { AlterationReader } from '../../engine';
import { respellType, spellEnum, spellType } from './types';

/** Clauses that say how the server goes about it. */
const HOW = ['ALGORITHM', 'LOCK'];
/** Behind ADD or DROP, these begin a clause about something else than a column. */
const NO_COLUMN = new Set([
  ...['INDEX', 'KEY', 'UNIQUE', 'PRIMARY', 'FULLTEXT', 'SPATIAL', 'VECTOR', 'CONSTRAINT', 'FOREIGN', 'CHECK'],
  ...['PARTITION', 'PERIOD', 'SYSTEM'],
]);

/** What MariaDB makes of JSON. */
const JSON_AS_TEXT = 'longtext';

/** Statements of MySQL and MariaDB that change the columns of a table. */
export const alterTable: AlterationReader = {
  read: readAlteration,
  declares: (declared, { declaredType }) =>
    respellType(declaredType) === declared.type || (declared.type === 'json' && declaredType === JSON_AS_TEXT),
};

/** The reading ends, because what comes is nothing that is read here. */
class NotRead extends Error {}

/**
 * Reads `ALTER TABLE` with clauses that add, drop, rename or declare columns anew, of types and defaults of which the
 * meaning is plain. Null for any other statement: in doubt it is one. Pure.
 */
export function readAlteration(statement: string): Alteration | null {
  const tokens = readTokens(statement);
  if (tokens === null) return null;
  try {
    return new StatementReader(tokens).read();
  } catch (error) {
    if (error instanceof NotRead) return null;
    throw error;
  }
}

class StatementReader {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  read(): Alteration {
    this.expect('ALTER');
    this.take('ONLINE');
    this.expect('TABLE');
    this.ifExists();
    const table = this.qualifiedName();
    if (this.take('WAIT')) this.wholeNumber();
    else this.take('NOWAIT');
    const clauses: ColumnClause[] = [];
    do clauses.push(...this.clause());
    while (this.mark(','));
    this.mark(';');
    if (this.at < this.tokens.length) throw new NotRead();
    return { table, clauses };
  }

  private clause(): ColumnClause[] {
    if (HOW.some((word) => this.take(word))) {
      this.mark('=');
      this.word();
      return [];
    }
    if (this.take('ADD')) return this.add();
    if (this.take('DROP')) return [this.drop()];
    if (this.take('RENAME')) {
      this.expect('COLUMN');
      const ifThere = this.ifExists();
      const column = this.name();
      this.expect('TO');
      return [{ kind: 'rename', column, to: this.name(), ifThere }];
    }
    const isChange = this.take('CHANGE');
    if (!isChange) this.expect('MODIFY');
    this.take('COLUMN');
    const ifThere = this.ifExists();
    const column = this.name();
    const declared = this.declaration(isChange ? this.name() : column);
    return [{ kind: 'declare', column, declared, place: this.place(), ifThere }];
  }

  private add(): ColumnClause[] {
    if (!this.take('COLUMN')) this.refuseOthers();
    const unlessThere = this.take('IF');
    if (unlessThere) {
      this.expect('NOT');
      this.expect('EXISTS');
    }
    if (!this.mark('(')) {
      const column = this.declaration(this.name());
      return [{ kind: 'add', column, place: this.place() ?? 'last', unlessThere }];
    }
    const clauses: ColumnClause[] = [];
    do {
      this.refuseOthers();
      clauses.push({ kind: 'add', column: this.declaration(this.name()), place: 'last', unlessThere });
    } while (this.mark(','));
    this.expectMark(')');
    return clauses;
  }

  private drop(): ColumnClause {
    if (!this.take('COLUMN')) this.refuseOthers();
    const ifThere = this.ifExists();
    const column = this.name();
    if (!this.take('RESTRICT')) this.take('CASCADE');
    return { kind: 'drop', column, ifThere };
  }

  /** A type, and attributes of which none makes the column more than a plain one. */
  private declaration(name: string): DeclaredColumn {
    const type = this.type();
    let nullable = true;
    let given: DeclaredColumn['default'] = 'none';
    for (;;) {
      if (this.take('NOT')) {
        this.expect('NULL');
        nullable = false;
      } else if (this.take('NULL')) nullable = true;
      else if (this.take('DEFAULT')) given = this.constant();
      else if (this.take('COMMENT')) this.text();
      else if (this.take('COLLATE') || this.take('CHARSET')) this.charsetName();
      else if (this.take('CHARACTER')) {
        this.expect('SET');
        this.charsetName();
      } else return { name, type, nullable, default: given };
    }
  }

  private type(): string {
    const word = this.word();
    if (word === 'ENUM') {
      this.expectMark('(');
      const labels: string[] = [];
      do labels.push(this.text());
      while (this.mark(','));
      this.expectMark(')');
      return spellEnum(labels);
    }
    if (word === 'DOUBLE') this.take('PRECISION');
    const numbers = this.mark('(') ? this.numbers() : null;
    const isUnsigned = this.take('UNSIGNED');
    if (!isUnsigned) this.take('SIGNED');
    const spelled = spellType(word, numbers, isUnsigned);
    if (spelled === null) throw new NotRead();
    return spelled;
  }

  private numbers(): number[] {
    const numbers: number[] = [];
    do numbers.push(this.wholeNumber());
    while (this.mark(','));
    this.expectMark(')');
    return numbers;
  }

  private constant(): DeclaredColumn['default'] {
    if (this.take('NULL')) return 'null';
    if (this.take('TRUE') || this.take('FALSE')) return 'value';
    const isSigned = this.mark('-') || this.mark('+');
    const token = this.next();
    if (token.kind === 'word' && /^[bx]$/i.test(token.text) && !isSigned) this.text();
    else if (token.kind === 'word') {
      if (!/^\d+(?:\.\d+)?(?:e-?\d+)?$|^0[bx][0-9a-f]+$/i.test(this.numberFrom(token.text))) throw new NotRead();
    } else if (isSigned || (token.kind !== 'text' && token.kind !== 'double')) throw new NotRead();
    return 'value';
  }

  /** A number comes in up to three words, as it has a point and a signed exponent. */
  private numberFrom(first: string): string {
    const whole = this.mark('.') ? `${first}.${this.word()}` : first;
    if (!/^\d[\d.]*e$/i.test(whole)) return whole;
    const sign = this.mark('-') ? '-' : '';
    if (sign === '') this.expectMark('+');
    return `${whole}${sign}${this.wholeNumber()}`;
  }

  private place(): ColumnPlace | null {
    if (this.take('FIRST')) return 'first';
    return this.take('AFTER') ? { after: this.name() } : null;
  }

  private refuseOthers(): void {
    const token = this.tokens[this.at];
    if (token?.kind === 'word' && NO_COLUMN.has(token.text.toUpperCase())) throw new NotRead();
  }

  private ifExists(): boolean {
    if (!this.take('IF')) return false;
    this.expect('EXISTS');
    return true;
  }

  private qualifiedName(): string {
    const first = this.name();
    return this.mark('.') ? this.name() : first;
  }

  private name(): string {
    const { kind, text } = this.next();
    if (kind !== 'word' && kind !== 'name' && kind !== 'double') throw new NotRead();
    return text;
  }

  private charsetName(): void {
    if (this.next().kind === 'mark') throw new NotRead();
  }

  private text(): string {
    const { kind, text } = this.next();
    if (kind !== 'text' && kind !== 'double') throw new NotRead();
    return text;
  }

  /** In upper case. */
  private word(): string {
    const { kind, text } = this.next();
    if (kind !== 'word') throw new NotRead();
    return text.toUpperCase();
  }

  private wholeNumber(): number {
    const word = this.word();
    if (!/^\d+$/.test(word)) throw new NotRead();
    return Number(word);
  }

  private take(word: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== 'word' || token.text.toUpperCase() !== word) return false;
    this.at++;
    return true;
  }

  private expect(word: string): void {
    if (!this.take(word)) throw new NotRead();
  }

  private mark(mark: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== 'mark' || token.text !== mark) return false;
    this.at++;
    return true;
  }

  private expectMark(mark: string): void {
    if (!this.mark(mark)) throw new NotRead();
  }

  private next(): Token {
    const token = this.tokens[this.at++];
    if (token === undefined) throw new NotRead();
    return token;
  }
}
