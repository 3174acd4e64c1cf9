import type { Column, Table } from '../../domain/catalog';
import { liveFindings } from '../../domain/planning/liveFindings';
import { catalog, column, foreignKey, idColumn, index, INT, parts, plan, table } from '../helpers/catalogs';

const int = (name: string, rest: Partial<Column> = {}) => column(name, 'int', INT, { nullable: false, ...rest });
const text = (name: string, collation: string) =>
  column(name, 'varchar(20)', { kind: 'text', length: 20 }, { nullable: false, collation });
const cascade = { onDelete: 'CASCADE' } as const;

function told(tables: Table[], ...rest: [Parameters<typeof plan>[1]?, Parameters<typeof plan>[2]?]): string[] {
  const planned = plan(catalog(tables), ...rest).tables;
  return liveFindings(planned).map(({ code, severity, object }) => `${severity} ${code} ${object}`);
}

describe('a table whose changes can be followed is no finding', () => {
  it.each<[string, Column[], Partial<Table>]>([
    ['with a primary key', [idColumn()], {}],
    ['with a unique index alone', [int('a')], { indexes: [index('u', parts('a'), { unique: true })] }],
    // The log has the bytes that were stored, so two spellings are two keys to the stream, one after the other.
    ['with a key compared without regard to case', [text('id', 'utf8mb4_0900_ai_ci')], {}],
    ['with a DOUBLE as its key', [column('id', 'double', { kind: 'double' }, { nullable: false })], {}],
  ])('%s', (_, columns, rest) => {
    expect(told([table('t', columns, rest)])).toEqual([]);
  });

  it('with a foreign key that changes no rows, whatever it refers to', () => {
    const child = table('child', [idColumn(), text('p', 'utf8mb4_0900_ai_ci')], {
      foreignKeys: [foreignKey('f', ['p'], 'elsewhere', ['id'])],
    });
    expect(told([child])).toEqual([]);
  });
});

describe('a table without a key is followed, and a warning tells that it may be compared under the freeze', () => {
  it.each<[string, Column[], Partial<Table>]>([
    ['with none at all', [int('a')], { primaryKey: null }],
    [
      'whose only key admits NULL',
      [int('a', { nullable: true })],
      { indexes: [index('u', parts('a'), { unique: true })] },
    ],
    ['whose key is a FLOAT', [column('id', 'float', { kind: 'real' }, { nullable: false })], {}],
  ])('%s', (_, columns, rest) => {
    expect(told([table('t', columns, rest)])).toEqual(['warning TABLE_WITHOUT_KEY t']);
  });
});

describe('a table that cannot be followed blocks', () => {
  it.each<[string, Column[], Partial<Table>, string]>([
    [
      'whose key is a SET',
      [column('id', "set('a','b')", { kind: 'set', labels: ['a', 'b'] }, { nullable: false })],
      {},
      't.id',
    ],
    ['without transactions', [idColumn()], { transactional: false }, 't'],
  ])('%s', (_, columns, rest, object) => {
    expect(told([table('t', columns, rest)])).toEqual([`blocking TABLE_NOT_STREAMED ${object}`]);
  });

  it('without transactions and without a key', () => {
    expect(told([table('t', [int('a')], { primaryKey: null, transactional: false })])).toEqual([
      'blocking TABLE_NOT_STREAMED t',
    ]);
  });

  it.each(['parent', 'child'])('whose rows take others along, or go with them, where the %s has no key', (which) => {
    const [id, p] = [int('id'), int('p')];
    const without = (name: string, rest: Partial<Table> = {}) =>
      table(name, [id, p], { ...rest, ...(name === which ? { primaryKey: null } : {}) });
    const foreignKeys = [foreignKey('f', ['p'], 'parent', ['p'], cascade)];
    expect(told([without('parent'), without('child', { foreignKeys })])).toContain(
      'blocking TABLE_NOT_STREAMED child.f',
    );
  });

  it('whose key may become NULL on the target', () => {
    const date = column('id', 'date', { kind: 'date' }, { nullable: false });
    const facts = new Map([['t', { rows: 2, columns: { id: { zeroDates: 1 } }, orphans: {} }]]);
    expect(told([table('t', [date])], facts, { zeroDates: 'null' })).toEqual(['blocking TABLE_NOT_STREAMED t.id']);
  });

  it('whose rows go with those of a table that is not followed', () => {
    const child = table('child', [idColumn(), int('p')], {
      foreignKeys: [foreignKey('f', ['p'], 'outside', ['id'], cascade)],
    });
    expect(told([child])).toEqual(['blocking TABLE_NOT_STREAMED child.f']);
  });
});

it('a foreign key that takes rows along, and takes two spellings for the same, is a warning', () => {
  const parent = table('parent', [text('id', 'utf8mb4_general_ci')]);
  const child = table('child', [idColumn(), text('p', 'utf8mb4_general_ci')], {
    foreignKeys: [foreignKey('f', ['p'], 'parent', ['id'], cascade)],
  });
  expect(told([parent, child])).toEqual(['warning CASE_INSENSITIVE_KEY child.f']);
  const exact = (name: string) => text(name, 'utf8mb4_bin');
  expect(
    told([
      { ...parent, columns: [exact('id')] },
      { ...child, columns: [idColumn(), exact('p')] },
    ]),
  ).toEqual([]);
});
