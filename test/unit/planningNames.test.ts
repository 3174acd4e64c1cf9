import fc from 'fast-check';
import { byteLength, cutToBytes, joinName, Namespace } from '../../domain/planning/identifiers';
import type { PlannedTable } from '../../domain/plan';
import { INT, catalog, column, foreignKey, idColumn, index, parts, plan, table } from '../helpers/catalogs';
import { thrownBy } from '../helpers/thrown';

const names = (tables: readonly PlannedTable[]) => tables.map(({ targetName }) => targetName);
const columnNames = (planned: PlannedTable | undefined) => planned?.columns.map(({ targetName }) => targetName);
const int = (name: string) => column(name, 'int', INT);

describe('names', () => {
  it('are folded like unquoted ones, in ASCII alone, without a finding', () => {
    const { tables, findings } = plan(catalog([table('OrderLines', [int('ProductId'), int('Größe'), int('ÄRA')])]));
    expect(names(tables)).toEqual(['orderlines']);
    expect(columnNames(tables[0])).toEqual(['productid', 'größe', 'Ära']);
    expect(findings.filter(({ code }) => code.startsWith('NAME'))).toEqual([]);
  });

  it('stay as they are with identifiers "preserve"', () => {
    const source = catalog([table('Users', [int('Id')]), table('users', [int('Id')])]);
    const { tables } = plan(source, new Map(), { identifiers: 'preserve' });
    expect(names(tables)).toEqual(['Users', 'users']);
    expect(columnNames(tables[0])).toEqual(['Id']);
  });

  it('that clash are numbered, and the one that needs no folding keeps its name', () => {
    const source = catalog([table('Users', [int('a')]), table('users', [int('a')]), table('USERS', [int('a')])]);
    const { tables, findings } = plan(source);
    expect(names(tables)).toEqual(['users_3', 'users', 'users_2']);
    expect(findings.filter(({ code }) => code === 'NAME_CLASH')).toMatchObject([
      { object: 'Users', source: 'Users', target: 'users_3', severity: 'warning' },
      { object: 'USERS', source: 'USERS', target: 'users_2', severity: 'warning' },
    ]);
  });

  it('too long are cut between characters, and stay apart', () => {
    const long = 'a'.repeat(62);
    const source = catalog([table(`${long}äx`, [int('a')]), table(`${long}äy`, [int('a')])]);
    const { tables, findings } = plan(source);
    expect(names(tables)).toEqual([long, `${'a'.repeat(61)}_2`]);
    expect(findings.filter(({ code }) => code.startsWith('NAME')).map(({ code, object }) => [code, object])).toEqual([
      ['NAME_CHANGED', `${long}äx`],
      ['NAME_CLASH', `${long}äy`],
    ]);
  });

  it('of system columns are impossible and changed, reserved words are told', () => {
    const { tables, findings } = plan(catalog([table('order', [int('ctid'), int('XMIN'), int('user'), int('oid')])]));
    expect(columnNames(tables[0])).toEqual(['ctid_2', 'xmin_2', 'user', 'oid']);
    expect(
      findings.filter(({ code }) => code.startsWith('NAME')).map(({ code, object }) => `${code} ${object}`),
    ).toEqual([
      'NAME_RESERVED order',
      'NAME_CHANGED order.ctid',
      'NAME_CHANGED order.XMIN',
      'NAME_RESERVED order.user',
    ]);
  });

  it('of indexes are unique in the schema, with the table in front where several tables use one', () => {
    const source = catalog([
      table('a', [idColumn(), int('x')], { indexes: [index('by_x', parts('x')), index('b', parts('x'))] }),
      table('b', [idColumn(), int('x')], { indexes: [index('BY_X', parts('x')), index('only_b', parts('x'))] }),
    ]);
    const { tables, findings } = plan(source);
    expect(tables.map(({ indexes }) => indexes.map(({ targetName }) => targetName))).toEqual([
      ['a_by_x', 'a_b'],
      ['b_by_x', 'only_b'],
    ]);
    expect(tables.map(({ primaryKey }) => primaryKey?.name)).toEqual(['a_pkey', 'b_pkey']);
    expect(findings.filter(({ code }) => code === 'NAME_CLASH').map(({ object }) => object)).toEqual([
      'a.b',
      'a.by_x',
      'b.BY_X',
    ]);
  });

  it('of enum types are unique among tables and types', () => {
    const labels = { kind: 'enum', labels: ['x'] } as const;
    const source = catalog([
      table('a', [column('b_c', 'enum', labels), column('d', 'enum', labels)]),
      table('a_b', [column('c', 'enum', labels)]),
      table('a_d', [int('x')]),
    ]);
    expect(plan(source).tables.flatMap(({ columns }) => columns.map(({ typeName }) => typeName))).toEqual([
      'a_b_c',
      'a_d_2',
      'a_b_c_2',
      undefined,
    ]);
  });

  it('of foreign keys keep clear of the table’s other constraints', () => {
    const source = catalog([
      table('a', [idColumn(), int('x')], {
        indexes: [index('a_x', parts('x'), { unique: true }), index('f', parts('x'))],
        foreignKeys: ['A_X', 'a_pkey', 'f'].map((name) => foreignKey(name, ['x'], 'a', ['id'])),
      }),
    ]);
    expect(plan(source).tables[0]!.foreignKeys.map(({ targetName }) => targetName)).toEqual(['a_x_2', 'a_pkey_2', 'f']);
  });
});

describe('names asked for', () => {
  const source = catalog([table('Orders', [idColumn(), int('Qty')]), table('order', [int('x')])]);

  it('are taken as they are written, and win over the others', () => {
    const mapping = { tables: { Orders: { name: 'order', columns: { Qty: { name: 'Quantity' } } } } };
    const { tables, findings } = plan(source, new Map(), mapping);
    expect(names(tables)).toEqual(['order', 'order_2']);
    expect(columnNames(tables[0])).toEqual(['id', 'Quantity']);
    expect(findings).toContainEqual(expect.objectContaining({ code: 'NAME_CHANGED', object: 'Orders.Qty' }));
  });

  it.each([
    [{ Orders: { name: 'x'.repeat(64) } }, /63 bytes/],
    [{ Orders: { columns: { Qty: { name: 'ctid' } } } }, /keeps for itself/],
    [{ Orders: { columns: { Qty: { name: 'n' }, id: { name: 'n' } } } }, /another column/],
    [{ Orders: { columns: { Quantity: { name: 'n' } } } }, /no column of that name; it has: id, Qty/],
    [{ Ordres: { name: 'n' } }, /no table of that name; it has: Orders, order/],
  ])('%j are refused', (tables, message) => {
    const error = thrownBy(() => plan(source, new Map(), { tables }));
    expect(error.code).toBe('MAPPING_INVALID');
    expect(error.message).toMatch(message);
  });
});

const anyName = fc.oneof(
  fc.string({ minLength: 1, maxLength: 70, unit: 'binary' }).filter((name) => !name.includes('\0')),
  fc.string({ minLength: 60, maxLength: 70, unit: fc.constantFrom('a', 'A', 'ä', '表', '😀') }),
  fc.constantFrom('a', 'A', 'a_2', 'A_2', 'ctid', 'order', 'a_pkey', '__proto__', 'constructor'),
);

describe('whatever the names of a source', () => {
  it('those of the target are unique in their place, at most 63 bytes, and always the same', () => {
    const anyTable = fc.record({
      name: anyName,
      columns: fc.uniqueArray(anyName, { minLength: 1, maxLength: 6, selector: (name) => name.toLowerCase() }),
      indexes: fc.uniqueArray(anyName, { maxLength: 4 }),
    });
    const anySchema = fc.uniqueArray(anyTable, { minLength: 1, maxLength: 6, selector: ({ name }) => name });
    fc.assert(
      fc.property(anySchema, (schema) => {
        const source = catalog(
          schema.map(({ name, columns, indexes }) =>
            table(
              name,
              columns.map((given, position) =>
                position === 0
                  ? column(given, 'int', INT, { nullable: false, identity: { next: '1' } })
                  : column(given, 'enum', { kind: 'enum', labels: ['x'] }),
              ),
              {
                primaryKey: parts(columns[0]!),
                indexes: indexes.map((given, position) =>
                  index(given, parts(columns[0]!), { unique: position % 2 === 0 }),
                ),
                foreignKeys: indexes.map((given) => foreignKey(given, [columns[0]!], name, [columns[0]!])),
              },
            ),
          ),
        );
        const { tables } = plan(source);
        const relations = tables.flatMap(({ targetName, primaryKey, indexes }) => [
          targetName,
          primaryKey!.name,
          ...indexes.map((each) => each.targetName),
        ]);
        expectUnique(relations);
        expectUnique(
          tables.flatMap(({ targetName, columns }) => [targetName, ...columns.flatMap((c) => c.typeName ?? [])]),
        );
        for (const planned of tables) {
          expectUnique(planned.columns.map(({ targetName }) => targetName));
          expectUnique([
            planned.primaryKey!.name,
            ...planned.indexes.filter((each) => each.source.unique).map((each) => each.targetName),
            ...planned.foreignKeys.map((each) => each.targetName),
          ]);
        }
        expect(plan(source)).toEqual(plan(source));
      }),
      { numRuns: 100 },
    );
  });

  it('a cut never splits a character and keeps as much as fits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(80), (text, max) => {
        const cut = cutToBytes(text, max);
        expect(text.startsWith(cut)).toBe(true);
        expect(byteLength(cut)).toBeLessThanOrEqual(max);
        const [next] = text.slice(cut.length);
        if (next !== undefined) expect(byteLength(cut + Array.from(text.slice(cut.length))[0]!)).toBeGreaterThan(max);
      }),
    );
  });
});

describe('a name made of two', () => {
  it('is cut where it is longer, as PostgreSQL does for its own', () => {
    expect(joinName(63, 'orders', 'id', 'seq')).toBe('orders_id_seq');
    expect(joinName(63, 'orders', '', 'pkey')).toBe('orders_pkey');
    expect(joinName(20, 'a'.repeat(30), 'id', 'seq')).toBe(`${'a'.repeat(13)}_id_seq`);
    expect(joinName(20, 'a'.repeat(30), 'b'.repeat(30))).toBe(`${'a'.repeat(10)}_${'b'.repeat(9)}`);
  });

  it('is never taken twice', () => {
    const namespace = new Namespace(5);
    expect(Array.from({ length: 4 }, () => namespace.claim('abcdef'))).toEqual(['abcde', 'abc_2', 'abc_3', 'abc_4']);
  });
});

function expectUnique(given: readonly string[]): void {
  expect(new Set(given).size).toBe(given.length);
  for (const name of given) {
    expect(byteLength(name)).toBeLessThanOrEqual(63);
    expect(name).not.toBe('');
  }
}
