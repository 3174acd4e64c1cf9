import type { Catalog, CheckConstraint, Table } from '../catalog';
import type { Finding } from '../finding';
import type { PlannedColumn, PlannedTable } from '../plan';

/** What of a table is not carried over, or not as it was. */
export function findLeftBehind(planned: PlannedTable): Finding[] {
  const { source: table, columns, chunkKey } = planned;
  const findings: Finding[] = [];
  const add = (code: Finding['code'], severity: Finding['severity'], source: string, target: string, reason: string) =>
    findings.push({ code, severity, object: table.name, source, target, reason });
  if (chunkKey === null) {
    const has = table.primaryKey ? 'its primary key cannot cut it into chunks' : 'it has no primary key';
    const reason = `${has}, and it has no unique index of whole columns that are never NULL`;
    add('TABLE_WITHOUT_KEY', 'warning', `about ${table.estimatedRows} rows`, 'copied in one read', reason);
  }
  if (!table.transactional) {
    const reason = 'the source cannot read it consistently while it is written to; under the freeze it is not';
    add('TABLE_NOT_TRANSACTIONAL', 'warning', 'a storage engine without transactions', 'a plain table', reason);
  }
  if (table.partitioned) {
    add('TABLE_PARTITIONED', 'info', 'a partitioned table', 'one plain table', 'partitions are not translated yet');
  }
  for (const column of columns) findings.push(...findInColumn(table, column));
  findings.push(...table.checks.map((check) => checkFinding(table, check)));
  return findings;
}

/** Objects of the schema that are named and not moved; triggers only of the tables that are. */
export function findOtherObjects(catalog: Catalog, tables: readonly Table[]): Finding[] {
  return catalog.others
    .filter(({ table }) => table === undefined || tables.some(({ name }) => name === table))
    .map(({ kind, name, table, definition }) => ({
      code: 'OBJECT_NOT_MIGRATED',
      severity: 'warning',
      object: table === undefined ? name : `${table}.${name}`,
      source: definition,
      target: '',
      reason: `a ${kind} is not moved: create it on the target by hand where it is needed`,
    }));
}

function findInColumn(table: Table, { source: column, type, mappedType }: PlannedColumn): Finding[] {
  const object = `${table.name}.${column.name}`;
  const findings: Finding[] = [];
  // What is declared json is stored by meaning on the source too; MariaDB's json is a text.
  if (type.kind === 'json' && mappedType === null && !/^json/iu.test(column.declaredType)) {
    findings.push({
      code: 'JSON_BY_MEANING',
      severity: 'info',
      object,
      source: `${column.declaredType} holding JSON`,
      target: 'stored by meaning',
      reason: 'the order of keys, spaces, and all but the last of equal keys are not kept',
    });
  }
  if (column.generated) {
    const { expression, stored } = column.generated;
    findings.push({
      code: 'COLUMN_GENERATED',
      severity: 'warning',
      object,
      source: `${column.declaredType} generated always as (${expression}) ${stored ? 'stored' : 'virtual'}`,
      target: 'a plain column holding the values',
      reason: 'its expression is not translated yet: what writes new rows must fill it',
    });
  }
  if (column.updatesItself) {
    findings.push({
      code: 'COLUMN_UPDATES_ITSELF',
      severity: 'warning',
      object,
      source: `${column.declaredType} on update current_timestamp`,
      target: 'a plain column',
      reason: 'what updates a row must set it, or a trigger made by hand',
    });
  }
  if (column.default?.kind === 'expression') {
    findings.push({
      code: 'DEFAULT_NOT_TRANSLATED',
      severity: 'warning',
      object,
      source: `default (${column.default.sql})`,
      target: 'no default',
      reason: 'expressions are not translated yet',
    });
  }
  return findings;
}

function checkFinding(table: Table, { name, expression, enforced }: CheckConstraint): Finding {
  return {
    code: 'CHECK_NOT_TRANSLATED',
    severity: 'warning',
    object: `${table.name}.${name}`,
    source: `check (${expression})${enforced ? '' : ' not enforced'}`,
    target: '',
    reason: 'expressions are not translated yet',
  };
}
