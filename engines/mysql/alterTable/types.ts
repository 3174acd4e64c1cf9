import { readLiterals } from '../literals';

/** Other words for a type, as the servers' grammars have them. */
const SYNONYMS: Readonly<Record<string, string>> = {
  integer: 'int',
  bool: 'tinyint(1)',
  boolean: 'tinyint(1)',
  dec: 'decimal',
  numeric: 'decimal',
  fixed: 'decimal',
  character: 'char',
};

/** What a type has in brackets where nothing is written. */
const DEFAULTS: Readonly<Record<string, string>> = { decimal: '(10,0)', char: '(1)', binary: '(1)', bit: '(1)' };

const INTEGERS = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint']);
/** Types with a meaning that what is in brackets does not change beyond what is spelled. */
const WITH_NUMBERS = new Set([
  ...INTEGERS,
  ...['decimal', 'bit', 'char', 'varchar', 'binary', 'varbinary', 'datetime', 'timestamp', 'time'],
]);
const PLAIN = new Set([
  ...['float', 'double', 'date', 'year', 'json', 'uuid', 'inet4', 'inet6'],
  ...['tinytext', 'text', 'mediumtext', 'longtext', 'tinyblob', 'blob', 'mediumblob', 'longblob'],
]);

/**
 * A type as a catalog spells it: lower case, no synonym, no default left out, no width of an integer but that of
 * tinyint(1). Null for one that is not known here. `numbers` is what stands in brackets, null where none do.
 */
export function spellType(word: string, numbers: readonly number[] | null, isUnsigned: boolean): string | null {
  const lower = word.toLowerCase();
  const [, name = '', own] = /^([a-z0-9]+)(\(1\))?$/.exec(SYNONYMS[lower] ?? lower) ?? [];
  if (own !== undefined) return numbers === null && !isUnsigned ? `${name}${own}` : null;
  if (numbers === null ? !WITH_NUMBERS.has(name) && !PLAIN.has(name) : !WITH_NUMBERS.has(name)) return null;
  if (isUnsigned && !INTEGERS.has(name) && name !== 'decimal') return null;
  return `${name}${bracketsOf(name, numbers)}${isUnsigned ? ' unsigned' : ''}`;
}

function bracketsOf(name: string, numbers: readonly number[] | null): string {
  if (INTEGERS.has(name)) return name === 'tinyint' && numbers?.[0] === 1 ? '(1)' : '';
  if (numbers === null) return DEFAULTS[name] ?? '';
  if (name === 'decimal' && numbers.length === 1) return `(${numbers.join(',')},0)`;
  const isWhole = ['datetime', 'timestamp', 'time'].includes(name) && numbers[0] === 0;
  return isWhole ? '' : `(${numbers.join(',')})`;
}

/** An enum as a catalog would spell it, in a form of our own. */
export function spellEnum(labels: readonly string[]): string {
  return `enum${JSON.stringify(labels)}`;
}

/** The same of a catalog's declaration, such as `int(10) unsigned` or `enum('a','b')`. */
export function respellType(declared: string): string {
  if (/^enum\(/.test(declared)) return spellEnum(readLiterals(declared));
  const [, word = '', inner, rest = ''] = /^([a-z0-9]+)(?:\(([\d,]+)\))?(.*)$/.exec(declared) ?? [];
  const numbers = inner === undefined ? null : inner.split(',').map(Number);
  if (rest !== '' && rest !== ' unsigned') return declared;
  if (word === 'year') return word;
  return spellType(word, numbers, rest === ' unsigned') ?? declared;
}
