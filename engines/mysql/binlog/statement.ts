import { tokens, type Token } from './tokens';
import { xidKey } from './xid';

/** What a logged statement means to a stream of tables. */
export type Statement =
  | { readonly kind: 'begin' | 'commit' | 'rollback' | 'nothing' }
  | { readonly kind: 'savepoint' | 'rollbackTo'; readonly name: string }
  | { readonly kind: 'xaStart' | 'xaEnd' | 'xaCommit' | 'xaRollback'; readonly xid: string }
  /** It changes the shape or all of the rows of streamed tables. */
  | { readonly kind: 'schema'; readonly tables: readonly string[] }
  /** It changes rows, perhaps of streamed tables: which ones, only who runs it again would know. */
  | { readonly kind: 'rows'; readonly verb: string };

/** What is streamed. */
export interface Streamed {
  readonly database: string;
  readonly tables: readonly string[];
}

const NOTHING: Statement = { kind: 'nothing' };
const SINGLE_WORDS: Readonly<Record<string, Statement>> = {
  BEGIN: { kind: 'begin' },
  COMMIT: { kind: 'commit' },
  ROLLBACK: { kind: 'rollback' },
};
const XA = /^XA (START|BEGIN|END|COMMIT|ROLLBACK) X'([0-9a-f]*)',X'([0-9a-f]*)',(\d+)/i;
const XA_KINDS = {
  START: 'xaStart',
  BEGIN: 'xaStart',
  END: 'xaEnd',
  COMMIT: 'xaCommit',
  ROLLBACK: 'xaRollback',
} as const;

/** Verbs that change neither rows nor the shape of a table, whatever they name. */
const HARMLESS = new Set([
  ...['ANALYZE', 'CHANGE', 'CHECK', 'FLUSH', 'GRANT', 'INSTALL', 'KILL', 'LOCK', 'OPTIMIZE', 'PURGE', 'RELEASE'],
  ...['REPAIR', 'RESET', 'REVOKE', 'SHUTDOWN', 'START', 'STOP', 'UNINSTALL', 'UNLOCK', 'USE'],
]);
/** Words between a verb and what tells of what kind its object is. */
const BETWEEN = new Set(['ONLINE', 'OFFLINE', 'IGNORE', 'UNIQUE', 'FULLTEXT', 'SPATIAL', 'VECTOR', 'ASYNC']);
/** In ALTER TABLE, the name of another table may stand behind these. */
const BEFORE_OTHER_TABLE = new Set(['RENAME', 'TO', 'AS', 'TABLE']);

/** Reads a statement of the log; `database` is the one its session used. In doubt it tells more than the server would. */
export function readStatement(text: string, database: string, streamed: Streamed): Statement {
  const single = SINGLE_WORDS[text];
  if (single !== undefined) return single;
  const xa = XA.exec(text);
  if (xa !== null) {
    const [, verb = '', global = '', branch = '', format] = xa;
    return {
      kind: XA_KINDS[verb.toUpperCase() as keyof typeof XA_KINDS],
      xid: xidKey(global, branch, Number(format)),
    };
  }
  return new StatementReader([...tokens(text)], database, streamed).read();
}

class StatementReader {
  private at = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly database: string,
    private readonly streamed: Streamed,
  ) {}

  read(): Statement {
    const verb = this.word();
    switch (verb) {
      case 'SET':
        // MariaDB: SET STATEMENT variable = value FOR what follows.
        if (!this.takeAll('STATEMENT')) return NOTHING;
        while (this.at < this.tokens.length && !this.takeAll('FOR')) this.at++;
        return this.read();
      case 'BEGIN':
      case 'COMMIT':
        return SINGLE_WORDS[verb] ?? NOTHING;
      case 'SAVEPOINT':
        return { kind: 'savepoint', name: this.tokens[1]?.text ?? '' };
      case 'ROLLBACK':
        return this.takeAll('TO', 'WORK', 'SAVEPOINT')
          ? { kind: 'rollbackTo', name: this.current() }
          : { kind: 'rollback' };
      case 'CREATE':
        return this.create();
      case 'ALTER':
        return this.alter();
      case 'DROP':
        return this.drop();
      case 'RENAME':
        return this.takeAll('TABLE', 'TABLES') ? this.schema(this.allNames()) : NOTHING;
      case 'TRUNCATE':
        this.takeAll('TABLE');
        return this.schema(this.name());
      default:
        return HARMLESS.has(verb) ? NOTHING : this.rows(verb);
    }
  }

  private create(): Statement {
    const replaces = this.takeAll('OR', 'REPLACE');
    this.takeAll(...BETWEEN);
    if (this.takeAll('TABLE')) {
      const onlyNew = this.takeAll('IF', 'NOT', 'EXISTS');
      return onlyNew && !replaces ? NOTHING : this.schema(this.name());
    }
    if (this.takeAll('INDEX')) return this.schema(this.namesBehind('ON'));
    if (replaces && this.takeAll('DATABASE', 'SCHEMA')) return this.wholeDatabase();
    return NOTHING;
  }

  private alter(): Statement {
    this.takeAll(...BETWEEN);
    if (!this.takeAll('TABLE')) return NOTHING;
    this.takeAll('IF', 'EXISTS');
    const found = this.name();
    for (; this.at < this.tokens.length; this.at++) {
      const before = this.tokens[this.at - 1];
      if (before?.kind === 'word' && BEFORE_OTHER_TABLE.has(before.text.toUpperCase())) found.push(...this.name());
    }
    return this.schema(found);
  }

  private drop(): Statement {
    if (this.takeAll('TABLE', 'TABLES')) {
      this.takeAll('IF', 'EXISTS');
      return this.schema(this.allNames());
    }
    if (this.takeAll('INDEX')) return this.schema(this.namesBehind('ON'));
    if (this.takeAll('DATABASE', 'SCHEMA')) {
      this.takeAll('IF', 'EXISTS');
      return this.wholeDatabase();
    }
    return NOTHING;
  }

  private wholeDatabase(): Statement {
    const name = this.current();
    return alike(name, this.streamed.database) ? { kind: 'schema', tables: this.streamed.tables } : NOTHING;
  }

  /** A trigger or a cascade of a table that is not streamed may reach one that is. */
  private rows(verb: string): Statement {
    const { database } = this.streamed;
    const reaches =
      alike(this.database, database) || this.tokens.some(({ kind, text }) => kind !== 'text' && alike(text, database));
    return reaches ? { kind: 'rows', verb } : NOTHING;
  }

  private schema(named: readonly string[]): Statement {
    return named.length === 0 ? NOTHING : { kind: 'schema', tables: [...new Set(named)] };
  }

  /** The next word, in upper case; passes over it. */
  private word(): string {
    return (this.tokens[this.at++]?.text ?? '').toUpperCase();
  }

  private current(): string {
    return this.tokens[this.at]?.text ?? '';
  }

  /** Passes over those of the words that come next; true when one did. */
  private takeAll(...words: readonly string[]): boolean {
    const start = this.at;
    for (;;) {
      const token = this.tokens[this.at];
      if (token?.kind !== 'word' || !words.includes(token.text.toUpperCase())) return this.at > start;
      this.at++;
    }
  }

  private namesBehind(word: string): string[] {
    while (this.at < this.tokens.length && !this.takeAll(word)) this.at++;
    return this.name();
  }

  private allNames(): string[] {
    const found: string[] = [];
    for (; this.at < this.tokens.length; this.at++) found.push(...this.name());
    return found;
  }

  /** The streamed tables that a name which begins here may mean; passes over it, but for its last word. */
  private name(): string[] {
    const first = this.tokens[this.at];
    if (first === undefined || (first.kind !== 'word' && first.kind !== 'quoted')) return [];
    const isQualified = this.tokens[this.at + 1]?.text === '.';
    const [database, table] = isQualified
      ? [first.text, this.tokens[this.at + 2]?.text ?? '']
      : [this.database, first.text];
    if (isQualified) this.at += 2;
    if (!alike(database, this.streamed.database)) return [];
    return this.streamed.tables.filter((name) => alike(table, name));
  }
}

/**
 * Whether two names may be the same: case counts on some servers only, and the statement's characters may be those of
 * its session, so what is not ASCII may be anything.
 */
function alike(written: string, name: string): boolean {
  return written.toLowerCase() === name.toLowerCase() || (isForeign(written) && shape(written).test(name));
}

function isForeign(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return /[^\x00-\x7f]/.test(text);
}

function shape(text: string): RegExp {
  // eslint-disable-next-line no-control-regex
  const parts = text.split(/[^\x00-\x7f]+/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`, 'i');
}
