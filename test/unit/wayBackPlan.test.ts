import type { Table } from '../../domain/catalog';
import type { TablePlan } from '../../domain/plan';
import { planWayBack } from '../../domain/wayBack';
import { translateTable } from '../../engines/postgres/translate';
import { catalog, column, idColumn, index, INT, parts, plan, table } from '../helpers/catalogs';

function plansOf(tables: Table[]): TablePlan[] {
  return plan(catalog(tables), new Map(), { zeroDates: 'null' }).tables.map((planned) => ({
    table: planned,
    ddl: translateTable(planned, 18).ddl,
  }));
}

const zeroDay = column(
  'day',
  'date',
  { kind: 'date' },
  { nullable: false, default: { kind: 'literal', text: '0000-00-00' } },
);

describe('the plan of the way back', () => {
  test('has the roles swapped: names, types as each server spells them, keys', () => {
    const given = table(
      'Orders',
      [
        idColumn({ name: 'Id' }),
        column('Price', 'decimal(10,2) unsigned', { kind: 'decimal', precision: 10, scale: 2 }, { nullable: false }),
        column('Mood', "enum('x','y')", { kind: 'enum', labels: ['x', 'y'] }),
        column('Total', 'int', INT, { generated: { expression: '1', stored: true } }),
      ],
      { primaryKey: parts('Id') },
    );
    const { tables, findings } = planWayBack(plansOf([given]));
    expect(findings).toEqual([]);
    const [back] = tables;
    expect(back?.table).toMatchObject({
      source: { name: 'orders', foreignKeys: [] },
      targetName: 'Orders',
      chunkKey: ['id'],
      primaryKey: { name: 'PRIMARY', columns: ['Id'] },
    });
    expect(back?.table.columns.map(({ source, targetName }) => [source.name, source.declaredType, targetName])).toEqual(
      [
        ['id', 'integer', 'Id'],
        ['price', 'numeric(10,2)', 'Price'],
        ['mood', expect.stringMatching(/^"public"\./) as unknown, 'Mood'],
        ['total', 'integer', 'Total'],
      ],
    );
    expect(back?.table.columns.every(({ source }) => source.generated === null)).toBe(true);
    expect(back?.ddl.nativeTypes).toEqual(['int', 'decimal(10,2) unsigned', "enum('x','y')", 'int']);
  });

  test('finds rows by the unique key that the migration chose', () => {
    const given = table('t', [column('a', 'int', INT, { nullable: false })], {
      primaryKey: null,
      indexes: [index('only_one', parts('a'), { unique: true })],
    });
    expect(planWayBack(plansOf([given])).tables[0]?.table.primaryKey).toEqual({ name: 'only_one', columns: ['a'] });
  });

  test('says of which tables nothing can be taken back', () => {
    const tables = [
      table('no_key', [column('a', 'int', INT)], { primaryKey: null }),
      table('no_transactions', [idColumn()], { primaryKey: parts('id'), transactional: false }),
      table('zero_days', [zeroDay], { primaryKey: parts('day') }),
    ];
    const { tables: back, findings } = planWayBack(plansOf(tables));
    expect(back).toEqual([]);
    expect(findings.map(({ code, severity, object }) => [code, severity, object])).toEqual(
      tables.map(({ name }) => ['WAY_BACK_IMPOSSIBLE', 'blocking', name]),
    );
  });
});
