/** A name that ends every kind of quotes, and says so. */
export const HOSTILE = 'a`b";drop table x;--';
/** As long as MySQL takes them: 64 characters, which are 64 bytes and 128. */
export const LONG = `long_${'n'.repeat(58)}`;
export const LONG_UNICODE = 'ö'.repeat(64);

const NAMES = [
  HOSTILE,
  `it's "quoted" \\ 'twice'`,
  'Ünïcödé 表 имя',
  'select',
  'User',
  'two words',
  '%percent_%',
  '$1',
  '{"json":[]}',
  '__proto__',
  'constructor',
  `${LONG}1`,
  `${LONG}2`,
  LONG_UNICODE,
];

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
const key = (name: string): string => quoted(Array.from(name).reverse().join('').slice(0, 60).trimEnd());

/** One table a name, with columns of the same names, and keys and indexes of them. */
export const NAME_TABLES = NAMES.map(
  (name, index) => `CREATE TABLE ${quoted(name)} (
    id INT PRIMARY KEY, ${quoted(name)} VARCHAR(50) NOT NULL, UNIQUE KEY ${quoted(name)} (${quoted(name)}),
    ${quoted(`e${index}`)} ENUM('a', 'b;"''\`') NOT NULL, KEY ${key(name)} (${quoted(`e${index}`)}));
  INSERT INTO ${quoted(name)} VALUES (1, 'one', 'a'), (2, 'two', 'b;"''\`');`,
).join('\n');

export const NAME_COUNT = NAMES.length;
