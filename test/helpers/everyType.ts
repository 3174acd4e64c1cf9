import type { Catalog, TableFacts } from '../../domain/catalog';
import {
  BIGINT_UNSIGNED,
  INT,
  TINYINT_1,
  catalog,
  column,
  facts,
  foreignKey,
  idColumn,
  index,
  parts,
  table,
} from './catalogs';

const literal = (text: string) => ({ default: { kind: 'literal', text } }) as const;
const now = (precision: number) => ({ default: { kind: 'now', precision } }) as const;
const NOT_NULL = { nullable: false } as const;

const everyType = table(
  'EveryType',
  [
    column('id', 'bigint unsigned', BIGINT_UNSIGNED, { ...NOT_NULL, identity: { next: '60000' } }),
    column('flag', 'tinyint(1)', TINYINT_1, { ...NOT_NULL, ...literal('1') }),
    column('tiny', 'tinyint', { kind: 'integer', bits: 8, unsigned: false }, literal('-128')),
    column('small_u', 'smallint unsigned', { kind: 'integer', bits: 16, unsigned: true }, literal('65535')),
    column('medium_u', 'mediumint unsigned', { kind: 'integer', bits: 24, unsigned: true }, literal('00042')),
    column('int_u', 'int unsigned', { kind: 'integer', bits: 32, unsigned: true }, literal('4294967295')),
    column('counter', 'bigint unsigned', BIGINT_UNSIGNED, literal('18446744073709551615')),
    column('amount', 'decimal(65,30)', { kind: 'decimal', precision: 65, scale: 30 }, literal('-0.5')),
    column('f', 'float', { kind: 'real' }, literal('1.5e10')),
    column('d', 'double', { kind: 'double' }, literal('-1e300')),
    column('bit1', 'bit(1)', { kind: 'bits', length: 1 }, literal('1')),
    column('bit12', 'bit(12)', { kind: 'bits', length: 12 }, literal('000000000101')),
    column('c', 'char(5)', { kind: 'text', length: 5 }, literal("it's")),
    column('v', 'varchar(300)', { kind: 'text', length: 300 }, { ...NOT_NULL, ...literal('CURRENT_TIMESTAMP') }),
    column('t', 'longtext', { kind: 'text', length: null }, { comment: 'a "comment" with \\ and \'quotes\' — é' }),
    column(
      'b16',
      'binary(16)',
      { kind: 'bytes', length: 16, fixed: true },
      { default: { kind: 'bytes', hex: 'C5c5' } },
    ),
    column('blob', 'longblob', { kind: 'bytes', length: null, fixed: false }),
    column('state', 'enum', { kind: 'enum', labels: ['', "it's", 'a,b', 'back\\slash', 'é'] }, literal("IT'S")),
    column('perms', 'set', { kind: 'set', labels: ['x', 'y', "z'"] }, literal("z',x")),
    column('j', 'json', { kind: 'json' }),
    column('day', 'date', { kind: 'date' }, { ...NOT_NULL, ...literal('0000-00-00') }),
    column('dt', 'datetime(3)', { kind: 'timestamp', precision: 3, zoned: false }, now(3)),
    column('ts', 'timestamp', { kind: 'timestamp', precision: 0, zoned: true }, literal('2001-02-03 04:05:06')),
    column('clock', 'time(2)', { kind: 'interval', precision: 2 }, literal('23:59:59.99')),
    column('span', 'time', { kind: 'interval', precision: 0 }, literal('-838:59:59')),
    column('y', 'year', { kind: 'year' }, literal('1901')),
    column('u', 'uuid', { kind: 'uuid' }, literal('a3cda7d5-00a6-4111-8146-59127a8d5e42')),
    column('ip', 'inet6', { kind: 'inet', version: 6 }, literal('::1')),
    column('select', 'int', INT),
    column('xmin', 'int', INT),
    column('quote"d', 'int', INT),
  ],
  {
    comment: "it's a table",
    indexes: [
      index('by_v', parts(['v', { prefix: 20, descending: true }], 'id')),
      index('by_blob', parts(['blob', { prefix: 8 }]), { unique: true }),
      index('u_v', parts('v'), { unique: true }),
      index('u_down', parts(['id', { descending: true }]), { unique: true }),
    ],
  },
);

const child = table(
  'child',
  [
    idColumn({ identity: { next: '8' } }),
    column('every', 'bigint unsigned', BIGINT_UNSIGNED),
    column('day', 'date', { kind: 'date' }, NOT_NULL),
  ],
  {
    primaryKey: parts('id'),
    foreignKeys: [
      foreignKey('fk_every', ['every'], 'EveryType', ['id'], { onDelete: 'SET NULL', onUpdate: 'CASCADE' }),
      foreignKey('fk_self', ['id'], 'child', ['id'], { onDelete: 'RESTRICT' }),
    ],
  },
);

const zeroKey = table(
  'zero_key',
  [column('day', 'date', { kind: 'date' }, NOT_NULL), column('n', 'int', INT, NOT_NULL)],
  {
    primaryKey: parts('day', 'n'),
  },
);

const prefixKey = table('prefix_key', [column('v', 'varchar(300)', { kind: 'text', length: 300 }, NOT_NULL)], {
  primaryKey: parts(['v', { prefix: 5 }]),
});

/** A schema with a column of every type that is moved, and every form of key and index. */
export const everyTypeCatalog: Catalog = catalog([everyType, child, zeroKey, prefixKey]);

/** Facts under which each choice of type is made once. */
export const everyTypeFacts: ReadonlyMap<string, TableFacts> = facts({
  EveryType: {
    columns: {
      id: { min: '1', max: '70000' },
      flag: { min: '0', max: '1' },
      clock: { withinDay: true },
      span: { withinDay: false },
    },
  },
  child: { columns: { every: { min: null, max: null } }, orphans: { fk_every: 1 } },
  zero_key: { columns: { day: { zeroDates: 1 } } },
});
