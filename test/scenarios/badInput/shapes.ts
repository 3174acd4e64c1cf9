import { bad, NAMES, type BadInput } from './case';

/** Not the password of anything: it is planted in inputs, which are kept, and must not come back in an answer. */
const PLANTED = 'pl4nted-9f3c';

const invalid = (name: string, input: object, ...says: (string | RegExp)[]): BadInput =>
  bad(name, 'INPUT_INVALID', input, ...says);

const whole = (name: string, given: unknown[], ...says: (string | RegExp)[]): BadInput => ({
  name,
  code: 'INPUT_INVALID',
  given,
  says,
});

function nested(depth: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < depth; level += 1) value = { a: value };
  return value;
}

const NOT_OBJECTS: readonly BadInput[] = [
  whole('no input at all', [], 'the input: given nothing, allowed: object'),
  whole('null', [null], 'the input: given null, allowed: object'),
  whole('a list', [[NAMES]], 'the input: given [{', 'allowed: object'),
  whole('a number', [7], 'the input: given 7, allowed: object'),
  whole('a text', ['shop_mysql'], 'the input: given "shop_mysql", allowed: object'),
  whole('true', [true], 'the input: given true, allowed: object'),
  whole('an empty object', [{}], 'source: given nothing, allowed: string', 'target: given nothing, allowed: string'),
  whole('bytes', [new Uint8Array([1, 2, 3])], 'given bytes, allowed: JSON'),
];

const KEYS: readonly BadInput[] = [
  invalid('an unknown key', { tabels: {} }, 'tabels: unknown key; known here: source, target'),
  invalid('an unknown nested key', { copy: { lanes: 2 } }, 'copy.lanes: unknown key; known here: parallelism'),
  invalid(
    'an unknown key of a table',
    { mapping: { tables: { items: { nmae: 'x' } } } },
    'mapping.tables.items.nmae: unknown key; known here: name, columns, where',
  ),
  invalid('a key __proto__', JSON.parse('{"__proto__":{"x":1}}') as object, /__proto__: unknown key|unknown key/),
  invalid('a thousand unknown keys', unknownKeys(1_000), /- and \d+ more/),
  invalid('an unknown key of 10,000 characters', { ['k'.repeat(10_000)]: 1 }, /k{70,77}\.\.\.: unknown key/),
  whole('a missing target', [{ source: 'a' }], 'target: given nothing, allowed: string'),
];

function unknownKeys(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, index]));
}

const TYPES: readonly BadInput[] = [
  invalid('a number as text', { copy: { parallelism: '4' } }, 'copy.parallelism: given "4", allowed: number'),
  invalid('a list where an object goes', { copy: [] }, 'copy: given [], allowed: object'),
  invalid('null where an object goes', { mapping: null }, 'mapping: given null, allowed: object'),
  invalid(
    'a text where a list goes',
    { tables: { include: 'items' } },
    'tables.include: given "items", allowed: array',
  ),
  invalid(
    'an empty list of patterns',
    { tables: { include: [] } },
    'tables.include: given [], allowed: at least 1 entries',
  ),
  invalid(
    'an empty pattern',
    { tables: { include: [''] } },
    'tables.include.0: given "", allowed: at least 1 characters',
  ),
  invalid(
    'a number among the patterns',
    { tables: { exclude: ['a', 5] } },
    'tables.exclude.1: given 5, allowed: string',
  ),
  invalid('a text where true or false goes', { reverse: 'yes' }, 'reverse: given "yes", allowed: boolean'),
  invalid('a wrong word', { strategy: 'bigbang' }, 'strategy: given "bigbang", allowed: "live" or "bigBang"'),
  invalid('a wrong switch', { cutover: { switch: [{ kind: 'dns' }] } }, 'cutover.switch.0', "'http'"),
  invalid(
    'a switch without its path',
    { cutover: { switch: [{ kind: 'file', content: '' }] } },
    'cutover.switch.0.path',
  ),
  invalid(
    'a switch to no HTTP address',
    { cutover: { switch: [{ kind: 'http', url: 'ftp://a/b' }] } },
    'cutover.switch.0.url: given "ftp://a/b"',
  ),
  invalid(
    'a privilege that is none',
    { targetGrants: [{ role: 'app', privileges: 'all' }] },
    'targetGrants.0.privileges',
  ),
];

const NUMBERS: readonly BadInput[] = [
  invalid('no lane', { copy: { parallelism: 0 } }, 'copy.parallelism: given 0, allowed: more than 0'),
  invalid('too many lanes', { copy: { parallelism: 65 } }, 'copy.parallelism: given 65, allowed: at most 64'),
  invalid('half a lane', { copy: { parallelism: 1.5 } }, 'copy.parallelism: given 1.5, allowed: int'),
  invalid('a negative limit', { copy: { rowsPerSecond: -1 } }, 'copy.rowsPerSecond: given -1, allowed: at least 0'),
  invalid(
    'more than all',
    { verify: { samplePercent: 100.1 } },
    'verify.samplePercent: given 100.1, allowed: at most 100',
  ),
  invalid(
    'less than nothing',
    { verify: { samplePercent: -0.5 } },
    'verify.samplePercent: given -0.5, allowed: at least 0',
  ),
  invalid(
    'no number, written as JSON can',
    { verify: { samplePercent: Number.NaN } },
    'verify.samplePercent: given null',
  ),
  {
    ...invalid('a number beyond all', {}, 'targetFreeBytes: given Infinity, allowed: '),
    json: '{"source":"shop_mysql","target":"shop_pg","targetFreeBytes":1e999}',
  },
  invalid(
    'a freeze without an end',
    { cutover: { maxFreezeSeconds: 1e300 } },
    'cutover.maxFreezeSeconds',
    'at most 31536000',
  ),
  invalid(
    'a freeze of no time',
    { cutover: { maxFreezeSeconds: 0 } },
    'cutover.maxFreezeSeconds: given 0, allowed: more than 0',
  ),
  invalid('a retention for ever', { retention: { days: 1e15 } }, 'retention.days', 'at most 36500'),
];

const DURATIONS: readonly BadInput[] = (
  [
    ['7 dayz', '7 dayz'],
    ['a negative one', '-1 days'],
    ['an empty one', ''],
    ['years', '99999999 years'],
    ['without a space', '7d'],
    ['words around', 'about 7 days'],
  ] as const
).map(([name, approvalTimeout]) =>
  invalid(
    `a duration: ${name}`,
    { cutover: { approvalTimeout } },
    `cutover.approvalTimeout: given ${JSON.stringify(approvalTimeout)}, allowed: a number and a unit`,
  ),
);

const LONG_DURATIONS: readonly BadInput[] = [
  invalid('a duration: a number', { acceptance: { timeout: -1 } }, 'acceptance.timeout: given -1, allowed: string'),
  invalid(
    'a duration: ages',
    { acceptance: { timeout: '99999999999999999999 days' } },
    'acceptance.timeout: given "99999999999999999999 days", allowed: at most 3650 days',
  ),
];

const SIZES: readonly BadInput[] = [
  invalid(
    'a megabyte of patterns',
    { tables: { include: Array.from({ length: 100_000 }, (_, index) => `tbl_${index}`) } },
    'larger than 524,288 characters',
    'use patterns',
  ),
  invalid(
    'one pattern of a megabyte',
    { tables: { include: ['a'.repeat(1_000_000)] } },
    'larger than 524,288 characters',
  ),
  invalid(
    'a hundred thousand levels',
    { mapping: nested(3_000) as object },
    'mapping.a.a.a: nested deeper than',
    '64 levels',
  ),
];

const CONNECTION_NAMES: readonly BadInput[] = [
  '1shop',
  'sh op',
  'shop.pg',
  '',
  'shöp',
  '-shop',
  'a/b',
  'a;b',
  'a"b',
].map((source) =>
  invalid(
    `a connection called ${JSON.stringify(source)}`,
    { source },
    `source: given ${JSON.stringify(source)}`,
    'a connection name: a letter, then letters',
  ),
);

const secret = (name: string, input: object, ...says: string[]): BadInput => ({
  ...bad(name, 'INPUT_HAS_SECRET', input, 'change that password', 'MIGRATION_CONNECTION_', ...says),
  hides: PLANTED,
});

const SECRETS: readonly BadInput[] = [
  secret(
    'a URL for the source',
    { source: `mysql://root:${PLANTED}@db/shop` },
    'MIGRATION_CONNECTION_MY_SOURCE',
    'source: ',
  ),
  secret('a URL under an unknown key', { comment: `see postgres://u:${PLANTED}@h/d` }, 'comment: '),
  secret('a URL among the patterns', { tables: { include: ['a', `mariadb://r:${PLANTED}@db`] } }, 'tables.include.1: '),
  secret('a URL as a key', { mapping: { tables: { [`mysql://r:${PLANTED}@db/x`]: {} } } }, 'mapping.tables: '),
  secret(
    "a URL deep in a switch's body",
    { cutover: { switch: [{ kind: 'http', url: 'http://h/', body: { a: [{ b: `x postgres://u:${PLANTED}@h` }] } }] } },
    'cutover.switch.0.body.a.0.b: ',
  ),
  secret(
    "a password in a URL's query",
    { cutover: { switch: [{ kind: 'http', url: `http://h/?user=u&password=${PLANTED}` }] } },
    'cutover.switch.0.url: ',
  ),
  secret(
    'a password in the content of a file',
    { cutover: { switch: [{ kind: 'file', path: '/a', content: `DB=postgres://u:${PLANTED}@h/d\n` }] } },
    'cutover.switch.0.content: ',
  ),
];

const OTHERS: readonly BadInput[] = [
  bad('the same connection twice', 'SAME_SOURCE_AND_TARGET', { target: 'shop_mysql' }, 'both "shop_mysql"', 'name two'),
  bad(
    'an option that is not built',
    'OPTION_NOT_BUILT',
    { mapping: { collations: 'preserve' } },
    'mapping.collations: leave it out',
  ),
  {
    ...bad('an assessment with an unknown key', 'INPUT_INVALID', { tabels: 1 }, 'tabels: unknown key'),
    type: 'databaseAssessment',
  },
  {
    ...bad(
      'a comparison with a key of migrations',
      'INPUT_INVALID',
      { cutover: {} },
      'cutover: unknown key; known here: source',
    ),
    type: 'databaseVerification',
  },
  { ...secret('an assessment with a password', { comment: `mysql://r:${PLANTED}@db` }), type: 'databaseAssessment' },
  { ...whole('a comparison of nothing', [null], 'the input: given null'), type: 'databaseVerification' },
  {
    ...bad('a comparison with itself', 'SAME_SOURCE_AND_TARGET', { target: 'shop_mysql' }, 'name two'),
    type: 'databaseVerification',
  },
];

/** Inputs that are refused by their shape alone, in the first task of the workflow and before any activity. */
export const SHAPES: readonly BadInput[] = [
  ...NOT_OBJECTS,
  ...KEYS,
  ...TYPES,
  ...NUMBERS,
  ...DURATIONS,
  ...LONG_DURATIONS,
  ...SIZES,
  ...CONNECTION_NAMES,
  ...SECRETS,
  ...OTHERS,
];
