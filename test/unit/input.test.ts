import type { Catalog } from '../../domain/catalog';
import { MigrationError } from '../../domain/errors';
import { parseMigrationInput } from '../../domain/input';
import { holdsPassword } from '../../domain/inputSecrets';
import { selectTables } from '../../domain/planning/selectTables';

const minimal = { source: 'shop_mysql', target: 'shop_pg' };
const haproxy = { kind: 'haproxy', socket: '/s', backend: 'app', source: 'old', target: 'new' };

function refusal(given: unknown): MigrationError {
  try {
    parseMigrationInput(given);
  } catch (error) {
    if (error instanceof MigrationError) return error;
    throw error;
  }
  throw new Error('the input was accepted');
}

describe('the two names are enough', () => {
  test('everything else has the documented default', () => {
    expect(parseMigrationInput(minimal)).toMatchObject({
      strategy: 'bigBang',
      targetSchema: 'public',
      tables: { include: ['*'], exclude: [] },
      mapping: {
        identifiers: 'lower',
        zeroDates: 'reject',
        nulCharacters: 'reject',
        invalidEnums: 'reject',
        orphans: 'stop',
      },
      copy: { parallelism: 4, chunkBytes: 33_554_432, rowsPerSecond: 0 },
      verify: { mode: 'full', samplePercent: 5, allowedRowDifference: 0 },
      cutover: { approvals: 1, approvalTimeout: '7 days', attempts: 3, freeze: 'readOnly', switch: [] },
      acceptance: { timeout: '30 days' },
      retention: { days: 90 },
    });
  });

  test('a target that is not empty is backed up, unless the input says that nobody needs it', () => {
    expect(parseMigrationInput(minimal).backup).toEqual({ mode: 'whenNotEmpty' });
    expect(parseMigrationInput({ ...minimal, backup: { mode: 'none' } }).backup).toEqual({ mode: 'none' });
    expect(refusal({ ...minimal, backup: { mode: 'never' } }).message).toContain('backup.mode');
  });

  test('room on the target may be said', () => {
    expect(parseMigrationInput({ ...minimal, targetFreeBytes: 500_000_000_000 }).targetFreeBytes).toBe(5e11);
  });

  test('options of phases not built yet may stand at their default', () => {
    const input = {
      ...minimal,
      trial: { percent: 1 },
      observe: { duration: '30 minutes' },
      reverse: true,
      targetGrants: [],
      copy: { replicas: [] },
    };
    expect(() => parseMigrationInput(input)).not.toThrow();
  });
});

describe('a bad input is refused with its key path, what was given and what is allowed', () => {
  test.each<[string, unknown, RegExp]>([
    ['nothing at all', undefined, /the input: given nothing, allowed: object/],
    ['a list', [], /allowed: object/],
    ['an unknown key', { ...minimal, tabels: {} }, /tabels: unknown key; known here: source, target, .*tables/],
    [
      'an unknown nested key',
      { ...minimal, copy: { paralellism: 2 } },
      /copy\.paralellism: unknown key; known here: parallelism/,
    ],
    ['a wrong type', { ...minimal, copy: { parallelism: '4' } }, /copy\.parallelism: given "4", allowed: number/],
    [
      'a number out of range',
      { ...minimal, copy: { parallelism: 0 } },
      /copy\.parallelism: given 0, allowed: more than 0/,
    ],
    [
      'a wrong word',
      { ...minimal, mapping: { identifiers: 'upper' } },
      /mapping\.identifiers: given "upper", allowed: "lower" or "preserve"/,
    ],
    [
      'a bad duration',
      { ...minimal, cutover: { approvalTimeout: '7d' } },
      /cutover\.approvalTimeout: given "7d", allowed: a number and a unit/,
    ],
    ['a bad connection name', { source: '1shop', target: 'b' }, /source: given "1shop", allowed: a connection name/],
    ['no room at all', { ...minimal, targetFreeBytes: 0 }, /targetFreeBytes: given 0, allowed: more than 0/],
    ['a missing name', { source: 'a' }, /target: given nothing, allowed: string/],
    [
      'commands in the name of a server',
      { ...minimal, cutover: { switch: [{ ...haproxy, source: 'old state maint;set server app/new' }] } },
      /cutover\.switch\.0\.source: .*allowed: letters, digits/,
    ],
    [
      'one server for both sides',
      { ...minimal, cutover: { switch: [{ ...haproxy, target: 'old' }] } },
      /cutover\.switch\.0\.target: .*another server than source/,
    ],
    ['an unknown switch', { ...minimal, cutover: { switch: [{ kind: 'dns' }] } }, /cutover\.switch\.0/],
  ])('%s', (_what, given, message) => {
    const error = refusal(given);
    expect(error.code).toBe('INPUT_INVALID');
    expect(error.message).toMatch(message);
  });

  test('source and target must be two', () => {
    expect(refusal({ source: 'a', target: 'a' }).code).toBe('SAME_SOURCE_AND_TARGET');
  });
});

test.each([
  { source: 'mysql://root:sEcReT9@db/shop', target: 'pg' },
  { ...minimal, comment: 'postgres://u:sEcReT9@h/d' },
  { ...minimal, tables: { include: ['mysql://root:sEcReT9@db/shop'] } },
  { ...minimal, 'mysql://root:sEcReT9@db/shop': 1 },
])('a password in the input is refused, never repeated, and the variable to set is named', (given) => {
  const error = refusal(given);
  expect(error.code).toBe('INPUT_HAS_SECRET');
  expect(error.message).not.toContain('sEcReT9');
  expect(error.message).toContain('MIGRATION_CONNECTION_');
});

test.each<[object, string]>([
  [{ mapping: { collations: 'preserve' } }, 'mapping.collations'],
  [{ mapping: { tables: { a: { where: 'b = 1' } } } }, 'mapping.tables.*.where'],
])('an option whose phase is not built is refused by name: %j', (option, name) => {
  const error = refusal({ ...minimal, ...option });
  expect(error.code).toBe('OPTION_NOT_BUILT');
  expect(error.message).toContain(name);
});

test('a freeze by accounts and grants on the target are taken as given', () => {
  const targetGrants = [{ role: 'app', privileges: 'readWrite' }];
  expect(parseMigrationInput({ ...minimal, targetGrants, cutover: { freeze: 'accounts' } })).toMatchObject({
    targetGrants,
    cutover: { freeze: 'accounts' },
  });
  expect(refusal({ ...minimal, targetGrants: [{ role: 'app', privileges: 'all' }] }).message).toContain(
    'targetGrants.0.privileges: given "all", allowed: "readWrite" or "read"',
  );
});

test.each<[string, boolean]>([
  ['mysql://root:secret@db/shop', true],
  ['see redis://:secret@h', true],
  ['postgres://u:se/cr:et@h', true],
  ['http://h/d?user=a&password=b', true],
  ['http://shop:8080/@me', false],
  ['http://a/b?c=d', false],
  ['ann@example.org: see http://wiki/page', false],
  ['::://@', false],
  ['mysql://root@db/shop', false],
])('whether %j holds a password is told: %s', (text, expected) => {
  expect(holdsPassword(text)).toBe(expected);
});

test('no text takes long to be looked through, and no pattern long to be tried', () => {
  const startedAt = performance.now();
  for (const part of ['a', 'a://', '://a:', 'a://b:80/', '@', 'a://b:c']) {
    refusal({ ...minimal, comment: part.repeat(Math.floor(500_000 / part.length)) });
  }
  const name = 'a'.repeat(64);
  const catalogOfOne = { tables: [{ name }], others: [] } as unknown as Catalog;
  const patterns = Array.from({ length: 1_000 }, () => `${'*a'.repeat(60)}b`);
  expect(() => selectTables(catalogOfOne, { include: patterns, exclude: [] })).toThrow(/leave none/);
  // Each of these would take minutes to years by going back over the text.
  expect(performance.now() - startedAt).toBeLessThan(30_000);
});
