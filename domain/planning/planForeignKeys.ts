import type { CanonicalType } from '../canonicalType';
import type { Column, ForeignKey, Table, TableFacts } from '../catalog';
import { assert } from '../errors';
import type { Finding } from '../finding';
import type { Mapping } from '../mapping';
import type { PlannedColumn, PlannedForeignKey, PlannedTable } from '../plan';
import type { Naming } from './assignNames';
import { describeForeignKey } from './describeObject';
import { resolveReferences, type Reference } from './foreignKeyGroups';
import { Namespace, joinName } from './identifiers';
import { ownEntry } from './lookup';
import { prefixOf, plannedPart } from './planKeys';

/** A table with everything but its foreign keys, which need the other tables to be planned so far. */
export type TableBeforeKeys = Omit<PlannedTable, 'foreignKeys'>;

/** Adds each table's foreign keys; findings tell what becomes of those that cannot be made. */
export function planForeignKeys(
  tables: readonly TableBeforeKeys[],
  facts: ReadonlyMap<string, TableFacts>,
  orphans: Mapping['orphans'],
  naming: Naming,
): { tables: PlannedTable[]; findings: Finding[] } {
  const plans = new Plans(tables);
  const resolve = resolveReferences(tables.map(({ source }) => source));
  const findings: Finding[] = [];
  const planned = tables.map((table): PlannedTable => {
    const names = constraintNames(table, naming.rules.maxBytes);
    const foreignKeys = table.source.foreignKeys.flatMap((foreignKey): PlannedForeignKey[] => {
      const note: Note = (code, severity, target, reason) => {
        const object = `${table.source.name}.${foreignKey.name}`;
        findings.push({ code, severity, object, source: describeForeignKey(foreignKey), target, reason });
      };
      const reference = resolve(table.source, foreignKey);
      if (!isTranslated(foreignKey, reference, plans, note)) return [];
      const broken = ownEntry(facts.get(table.source.name)?.orphans, foreignKey.name) ?? 0;
      if (broken > 0) noteOrphans(broken, reference, orphans, note);
      return [
        {
          source: foreignKey,
          targetName: claimName(foreignKey, names, naming, note),
          columns: reference.pairs.map(([from]) => plans.column(from.column).targetName),
          referencedTable: plans.table(reference.referenced).targetName,
          referencedColumns: reference.pairs.map(([, to]) => plans.column(to.column).targetName),
          notValid: broken > 0 && orphans === 'notValid',
        },
      ];
    });
    return { ...table, foreignKeys };
  });
  return { tables: planned, findings };
}

/** Adds a finding about the foreign key at hand. */
type Note = (code: Finding['code'], severity: Finding['severity'], target: string, reason: string) => void;

class Plans {
  readonly #tables: ReadonlyMap<Table, TableBeforeKeys>;
  readonly #columns: ReadonlyMap<Column, PlannedColumn>;

  constructor(tables: readonly TableBeforeKeys[]) {
    this.#tables = new Map(tables.map((table) => [table.source, table]));
    this.#columns = new Map(tables.flatMap(({ columns }) => columns.map((column) => [column.source, column])));
  }

  table(source: Table): TableBeforeKeys {
    const table = this.#tables.get(source);
    assert(table, `table ${source.name} is planned`);
    return table;
  }

  column(source: Column): PlannedColumn {
    const column = this.#columns.get(source);
    assert(column, `column ${source.name} is planned`);
    return column;
  }
}

/** A table's constraints share one namespace; its keys and the target's own not-null constraints are named already. */
function constraintNames({ targetName, primaryKey, indexes, columns }: TableBeforeKeys, maxBytes: number): Namespace {
  return new Namespace(maxBytes, [
    ...(primaryKey ? [primaryKey.name] : []),
    ...indexes.filter(({ source }) => source.unique).map((index) => index.targetName),
    ...columns.map((column) => joinName(maxBytes, targetName, column.targetName, 'not_null')),
  ]);
}

function isTranslated(
  foreignKey: ForeignKey,
  reference: Reference | null,
  plans: Plans,
  note: Note,
): reference is Reference {
  if (reference === null) {
    const { referencedSchema: schema, referencedTable: table } = foreignKey;
    const where = schema === null ? 'is not migrated' : `is in another database, ${schema}`;
    note('FOREIGN_KEY_OUTSIDE', 'warning', '', `table ${table} ${where}`);
    return false;
  }
  const why = whyNotTranslated(foreignKey, reference, plans);
  if (why !== null) note('FOREIGN_KEY_NOT_TRANSLATED', 'warning', '', why);
  return why === null;
}

function whyNotTranslated(foreignKey: ForeignKey, { referenced, pairs }: Reference, plans: Plans): string | null {
  if (pairs.length !== foreignKey.columns.length || pairs.length === 0) {
    return `it names columns that ${foreignKey.referencedTable} does not have`;
  }
  for (const [from, to] of pairs) {
    if (!comparable(plans.column(from.column).type, plans.column(to.column).type)) {
      return `${from.column.name} and ${to.column.name} are of types that do not compare on the target`;
    }
  }
  const columns = pairs.map(([, to]) => plans.column(to.column).targetName);
  if (isUnique(plans.table(referenced), columns)) return null;
  const what = `${referenced.name} (${foreignKey.referencedColumns.join(', ')})`;
  return `it refers to ${what}, which no primary or unique key of the target keeps unique`;
}

function comparable(a: CanonicalType, b: CanonicalType): boolean {
  return a.kind === b.kind && a.kind !== 'enum' && a.kind !== 'json' && a.kind !== 'unsupported';
}

/** True when a key on exactly these columns, in any order and whole, keeps them unique on the target. */
function isUnique(table: TableBeforeKeys, columns: readonly string[]): boolean {
  const covers = (names: readonly string[]) =>
    names.length === columns.length && names.every((name) => columns.includes(name));
  if (table.primaryKey && covers(table.primaryKey.columns)) return true;
  return table.indexes.some(({ source: { unique, parts } }) => {
    const planned = parts.map((part) => ({ part, column: plannedPart(table.source, table.columns, part) }));
    const whole = planned.every(({ part, column }) => prefixOf(part, column.type) === null);
    return unique && whole && covers(planned.map(({ column }) => column.targetName));
  });
}

function noteOrphans(rows: number, { pairs }: Reference, orphans: Mapping['orphans'], note: Note): void {
  const isText = pairs.some(([{ column }]) => column.type.kind === 'text');
  const alike = isText ? ', or to a key that only the collation of the source takes for the same' : '';
  const found = `${rows} ${rows === 1 ? 'row refers' : 'rows refer'} to nothing${alike}`;
  if (orphans === 'stop') {
    note('FOREIGN_KEY_ORPHANS', 'blocking', '', `${found}: mend the rows, or set mapping.orphans to "notValid"`);
  } else {
    note('FOREIGN_KEY_ORPHANS', 'warning', 'NOT VALID: kept for new rows, these rows stay as they are', found);
  }
}

function claimName(foreignKey: ForeignKey, names: Namespace, { rules, fold }: Naming, note: Note): string {
  const folded = fold(foreignKey.name);
  const name = names.claim(folded);
  if (name === folded) return name;
  if (folded.startsWith(name)) {
    note('NAME_CHANGED', 'info', name, `names on the target have at most ${rules.maxBytes} bytes`);
  } else {
    note('NAME_CLASH', 'info', name, `another constraint of the table is called ${folded}`);
  }
  return name;
}
