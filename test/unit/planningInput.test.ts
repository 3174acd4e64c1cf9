import { mappingSchema, tablesFilterSchema } from '../../domain/mapping';
import { selectTables } from '../../domain/planning';
import { INT, TINYINT_1, catalog, column, facts, idColumn, plan, table } from '../helpers/catalogs';
import { thrownBy } from '../helpers/thrown';

const shop = catalog([
  table('orders', [idColumn()]),
  table('order_lines', [idColumn()]),
  table('tmp_a', [idColumn()]),
  table('a.b', [idColumn()]),
]);
const select = (include: string[], exclude: string[] = []) =>
  selectTables(shop, tablesFilterSchema.parse({ include, exclude })).map(({ name }) => name);

describe('patterns over tables', () => {
  it('match whole names, with * for any characters and ? for one', () => {
    expect(select(['order*'])).toEqual(['orders', 'order_lines']);
    expect(select(['order?'])).toEqual(['orders']);
    expect(select(['ORDERS', 'tmp_a'])).toEqual(['tmp_a']);
    expect(select(['a.b'])).toEqual(['a.b']);
    expect(select(['order.*', 'tmp_?'])).toEqual(['tmp_a']);
  });

  it('leave out what exclude matches, whatever include says', () => {
    expect(select(['*'], ['tmp_*', 'orders'])).toEqual(['order_lines', 'a.b']);
    expect(select(['orders', 'tmp_a'], ['tmp_*'])).toEqual(['orders']);
  });

  it('that leave nothing stop the run, naming what there is', () => {
    const refused = () => select(['order'], []);
    const { code, message } = thrownBy(refused);
    expect(code).toBe('NO_TABLES');
    expect(message).toMatch(/orders, order_lines, tmp_a/);
  });

  it('without effect are told', () => {
    const { findings } = plan(shop, new Map(), {}, { include: ['orders', 'odrer*'], exclude: ['temp_*'] });
    expect(
      findings.filter(({ code }) => code === 'INPUT_WITHOUT_EFFECT').map(({ object, source }) => [object, source]),
    ).toEqual([
      ['tables.include[1]', 'odrer*'],
      ['tables.exclude[0]', 'temp_*'],
    ]);
  });
});

describe('the mapping', () => {
  it('has a default for everything, and knows no other keys', () => {
    expect(mappingSchema.parse({})).toEqual({
      identifiers: 'lower',
      zeroDates: 'reject',
      nulCharacters: 'reject',
      invalidEnums: 'reject',
      orphans: 'stop',
      collations: 'finding',
      types: [],
      tables: {},
    });
    expect(mappingSchema.parse({ tables: { t: {} } }).tables).toEqual({ t: { columns: {} } });
    expect(mappingSchema.safeParse({ tables: { t: { colums: {} } } }).success).toBe(false);
  });
});

describe('types asked for', () => {
  const source = catalog([
    table('t', [
      idColumn(),
      column('flag', 'tinyint(1)', TINYINT_1),
      column('n', 'int(10) unsigned', { kind: 'integer', bits: 32, unsigned: true }),
      column('s', 'varchar(20)', { kind: 'text', length: 20 }),
      column('b', 'binary(16)', { kind: 'bytes', length: 16, fixed: true }),
    ]),
  ]);
  const typesOf = (mapping: Parameters<typeof plan>[2], proven: Parameters<typeof plan>[1] = new Map()) => {
    const { tables, findings } = plan(source, proven, mapping);
    const mapped = tables[0]!.columns.filter(({ mappedType }) => mappedType !== null);
    return { mapped: mapped.map((each) => [each.source.name, each.mappedType, each.type.kind]), findings };
  };

  it('by a rule match the declaration, whatever its case, spaces and display width', () => {
    const { mapped, findings } = typesOf({
      types: [
        { from: 'TINYINT( 1 )', to: 'smallint' },
        { from: 'int  unsigned', to: 'integer' },
        { from: 'tinyint', to: 'integer' },
      ],
    });
    expect(mapped).toEqual([
      ['flag', 'smallint', 'integer'],
      ['n', 'integer', 'integer'],
    ]);
    expect(findings.filter(({ code }) => code === 'TYPE_MAPPED').map(({ object, target }) => [object, target])).toEqual(
      [
        ['t.flag', 'smallint'],
        ['t.n', 'integer'],
      ],
    );
    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'INPUT_WITHOUT_EFFECT', object: 'mapping.types[2]' }),
    );
  });

  it('for a column go before the rules', () => {
    const { mapped } = typesOf({
      types: [{ from: 'tinyint(1)', to: 'smallint' }],
      tables: { T: { columns: { FLAG: { type: 'boolean' }, b: { type: 'UUID' } } } },
    });
    expect(mapped).toEqual([
      ['flag', 'boolean', 'boolean'],
      ['b', 'UUID', 'uuid'],
    ]);
  });

  it.each([
    ['flag', 'money', {}, /no type "money"/],
    ['flag', 'char(3)', {}, /no type "char\(3\)"/],
    ['s', 'integer', {}, /varchar\(20\) and cannot become integer.*text, json, uuid/],
    ['s', 'bytea', {}, /cannot become/],
    ['flag', 'boolean', { flag: { min: '0', max: '2' } }, /the column holds 2/],
    ['n', 'integer', { n: { min: '0', max: '2147483648' } }, /the column holds 2147483648/],
    ['n', 'numeric(3,1)', { n: { min: '0', max: '100' } }, /the column holds 100/],
  ])('are refused when they cannot hold the column: %s as %s', (name, type, columns, message) => {
    const asked = () => typesOf({ tables: { t: { columns: { [name]: { type } } } } }, facts({ t: { columns } }));
    const refusal = thrownBy(asked);
    expect(refusal.code).toBe('MAPPING_INVALID');
    expect(refusal.message).toMatch(message);
  });
});

describe('what is not moved', () => {
  it('is named with its text: views, routines, events, and triggers of the tables that are moved', () => {
    const others = [
      { kind: 'view', name: 'v', definition: 'create view v' },
      { kind: 'trigger', name: 'tr', table: 'orders', definition: 'create trigger tr' },
      { kind: 'trigger', name: 'tr2', table: 'tmp_a', definition: 'create trigger tr2' },
    ] as const;
    const { findings } = plan(catalog([...shop.tables], [...others]), new Map(), {}, { exclude: ['tmp_*'] });
    expect(
      findings.filter(({ code }) => code === 'OBJECT_NOT_MIGRATED').map(({ object, source }) => [object, source]),
    ).toEqual([
      ['v', 'create view v'],
      ['orders.tr', 'create trigger tr'],
    ]);
  });

  it('checks, partitions, engines without transactions, tables without a key', () => {
    const { findings } = plan(
      catalog([
        table('t', [column('a', 'int', INT)], {
          checks: [{ name: 'c', expression: '`a` > 0', enforced: false }],
          partitioned: true,
          transactional: false,
        }),
      ]),
    );
    expect(findings.map(({ code, object }) => `${code} ${object}`)).toEqual([
      'TABLE_WITHOUT_KEY t',
      'TABLE_NOT_TRANSACTIONAL t',
      'TABLE_PARTITIONED t',
      'CHECK_NOT_TRANSLATED t.c',
    ]);
    expect(findings[3]!.source).toBe('check (`a` > 0) not enforced');
  });
});
