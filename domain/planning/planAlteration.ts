import type { Alteration, ColumnClause, ColumnPlace, DeclaredColumn } from '../alteration';
import type { CanonicalType } from '../canonicalType';
import type { Column, ForeignKey, Index, IndexPart, Table } from '../catalog';
import { listChanges, schemaChanges, stableColumn } from '../schemaChanges';
import { lookupByName } from './lookup';

/** Whether a source's column has the type that a statement declares. */
export type Declares = (declared: DeclaredColumn, column: Column) => boolean;

/** What a statement makes of a table's columns, when it is one that can be followed; or why it cannot. */
export type Followed =
  | { readonly kind: 'followed'; /** Former names, by the names that columns have now. */ readonly former: FormerNames }
  | { readonly kind: 'notFollowed'; readonly reason: string };

export type FormerNames = ReadonlyMap<string, string>;

class NotFollowed extends Error {}

/**
 * Whether a statement leads from a table as it is planned to the table that the source has now, by steps that lose
 * nothing and leave no doubt what the rows hold that are there: columns that are new and have a constant, that are gone,
 * have another name, or a type that holds more. `others` are the other tables that are planned. Pure.
 */
export function followAlteration(
  before: Table,
  alteration: Alteration,
  now: Table,
  others: readonly Table[],
  declares: Declares,
): Followed {
  try {
    const columns = new Columns(before, now, declares);
    refuseRepeatedNames(alteration.clauses);
    for (const clause of alteration.clauses) columns.apply(clause);
    refuseReferred(before, columns.renamed, others);
    const changes = schemaChanges([columns.table()], [now]);
    if (changes.length > 0) {
      throw new NotFollowed(
        `the table is not what the statement alone makes of it, so it also did something else, or the schema has moved on since (${listChanges(changes)})`,
      );
    }
    return { kind: 'followed', former: columns.former() };
  } catch (error) {
    if (error instanceof NotFollowed) return { kind: 'notFollowed', reason: error.message };
    throw error;
  }
}

/** A column while the clauses are gone through: as it is now, and what it was called, null for a new one. */
interface Step {
  readonly column: Column;
  readonly former: string | null;
}

class Columns {
  private steps: Step[];

  constructor(
    private readonly before: Table,
    private readonly now: Table,
    private readonly declares: Declares,
  ) {
    this.steps = before.columns.map((column) => ({ column, former: column.name }));
  }

  /** Former names to present ones, of those that differ. */
  get renamed(): ReadonlyMap<string, string> {
    return new Map(
      this.steps.flatMap(({ column, former }) =>
        former === null || former === column.name ? [] : [[former, column.name] as const],
      ),
    );
  }

  former(): FormerNames {
    return new Map(
      this.steps.flatMap(({ column, former }) => (former === null ? [] : [[column.name, former] as const])),
    );
  }

  apply(clause: ColumnClause): void {
    switch (clause.kind) {
      case 'add': {
        if (clause.unlessThere && this.find(clause.column.name) !== undefined) return;
        this.insert({ column: this.added(clause.column), former: null }, clause.place);
        return;
      }
      case 'drop': {
        const step = this.named(clause.column, clause.ifThere);
        this.steps = this.steps.filter((each) => each !== step);
        return;
      }
      case 'rename': {
        const step = this.named(clause.column, clause.ifThere);
        if (step !== null) this.replace(step, { ...step, column: { ...step.column, name: clause.to } });
        return;
      }
      case 'declare': {
        const step = this.named(clause.column, clause.ifThere);
        if (step === null) return;
        const declared = { ...step, column: this.declared(step.column, clause.declared) };
        this.replace(step, declared);
        if (clause.place === null) return;
        this.steps = this.steps.filter((each) => each !== declared);
        this.insert(declared, clause.place);
      }
    }
  }

  /** What the statement alone makes of the table. */
  table(): Table {
    const { renamed, before } = this;
    const name = (column: string): string => renamed.get(column) ?? column;
    const parts = (list: readonly IndexPart[]): IndexPart[] =>
      list.map((part) => (part.column === null ? part : { ...part, column: name(part.column) }));
    return {
      ...before,
      columns: this.steps.map(({ column }) => column),
      primaryKey: before.primaryKey && parts(before.primaryKey),
      indexes: before.indexes.map((index): Index => ({ ...index, parts: parts(index.parts) })),
      foreignKeys: before.foreignKeys.map((key): ForeignKey => {
        const own = key.referencedSchema === null && key.referencedTable === before.name;
        return {
          ...key,
          columns: key.columns.map(name),
          referencedColumns: own ? key.referencedColumns.map(name) : key.referencedColumns,
        };
      }),
    };
  }

  private added(declared: DeclaredColumn): Column {
    const column = this.present(declared);
    if (column.default !== null && column.default.kind !== 'literal' && column.default.kind !== 'bytes') {
      throw new NotFollowed(
        `the default of ${column.name} is no constant, so the rows that are there have values that only the source knows`,
      );
    }
    if (!column.nullable && column.default === null) {
      throw new NotFollowed(
        `${column.name} is NOT NULL without a default, so the rows that are there have a value that is nowhere declared`,
      );
    }
    return column;
  }

  private declared(former: Column, declared: DeclaredColumn): Column {
    const column = this.present(declared);
    const what = `column ${former.name}`;
    if (former.nullable !== column.nullable) {
      throw new NotFollowed(`${what} ${column.nullable ? 'admits' : 'no longer admits'} NULL`);
    }
    if (former.charset !== column.charset || former.collation !== column.collation) {
      throw new NotFollowed(`${what} has another character set or collation`);
    }
    if ((former.identity === null) !== (column.identity === null)) {
      throw new NotFollowed(`${what} ${column.identity === null ? 'no longer numbers itself' : 'numbers itself now'}`);
    }
    if (!holdsAll(column.type, former.type)) {
      throw new NotFollowed(
        `${what} was ${former.declaredType} and is ${column.declaredType}, which is no wider type of its kind`,
      );
    }
    return column;
  }

  /** The column that the source has now, if it is the one that was declared. */
  private present(declared: DeclaredColumn): Column {
    const column = this.now.columns.find(({ name }) => name === declared.name);
    if (column === undefined) throw new NotFollowed(`the source has no column ${declared.name} any more`);
    const isSame =
      this.declares(declared, column) &&
      column.nullable === declared.nullable &&
      (column.default !== null) === (declared.default === 'value');
    if (!isSame || column.generated !== null || column.updatesItself) {
      throw new NotFollowed(
        `column ${column.name} is not what the statement alone makes of it (${column.declaredType})`,
      );
    }
    return column;
  }

  private insert(step: Step, place: ColumnPlace): void {
    if (place === 'first') this.steps.unshift(step);
    else if (place === 'last') this.steps.push(step);
    else {
      const after = this.find(place.after);
      if (after === undefined) throw new NotFollowed(`there was no column ${place.after}`);
      this.steps.splice(this.steps.indexOf(after) + 1, 0, step);
    }
  }

  private replace(step: Step, by: Step): void {
    this.steps = this.steps.map((each) => (each === step ? by : each));
  }

  private find(name: string): Step | undefined {
    return lookupByName(this.steps.map((step) => ({ name: step.column.name, step })))(name)?.step;
  }

  private named(name: string, ifThere: boolean): Step | null {
    const step = this.find(name);
    if (step !== undefined) return step;
    if (ifThere) return null;
    throw new NotFollowed(`column ${name} is not in the plan`);
  }
}

/** Which column a name means then depends on the order in which the source goes about it. */
function refuseRepeatedNames(clauses: readonly ColumnClause[]): void {
  const names = clauses.flatMap((clause) => {
    switch (clause.kind) {
      case 'add':
        return [clause.column.name];
      case 'drop':
        return [clause.column];
      case 'rename':
        return [...new Set([clause.column.toLowerCase(), clause.to.toLowerCase()])];
      case 'declare':
        return [...new Set([clause.column.toLowerCase(), clause.declared.name.toLowerCase()])];
    }
  });
  const folded = names.map((name) => name.toLowerCase());
  const repeated = folded.find((name, index) => folded.indexOf(name) !== index);
  if (repeated !== undefined) throw new NotFollowed(`column ${repeated} has a part in two clauses`);
}

/** Foreign keys of other tables, and their plans, name the column. */
function refuseReferred({ name }: Table, renamed: ReadonlyMap<string, string>, others: readonly Table[]): void {
  for (const other of others) {
    for (const key of other.foreignKeys) {
      const column = key.referencedColumns.find((each) => renamed.has(each));
      if (key.referencedTable === name && key.referencedSchema === null && column !== undefined) {
        throw new NotFollowed(
          `the foreign key ${other.name}.${key.name} refers to ${column}, which has another name now`,
        );
      }
    }
  }
}

/** Whether every value of one type is the same value in another one of its kind. */
export function holdsAll(wide: CanonicalType, narrow: CanonicalType): boolean {
  switch (narrow.kind) {
    case 'integer':
      if (wide.kind !== 'integer' || (narrow.display1 ?? false) !== (wide.display1 ?? false)) return false;
      return wide.unsigned === narrow.unsigned ? wide.bits >= narrow.bits : narrow.unsigned && wide.bits > narrow.bits;
    case 'decimal':
      return (
        wide.kind === 'decimal' &&
        wide.scale >= narrow.scale &&
        wide.precision - wide.scale >= narrow.precision - narrow.scale
      );
    case 'text':
      return wide.kind === 'text' && (wide.length ?? Infinity) >= (narrow.length ?? Infinity);
    case 'bytes':
      return (
        wide.kind === 'bytes' &&
        (wide.fixed || narrow.fixed
          ? wide.fixed === narrow.fixed && wide.length === narrow.length
          : (wide.length ?? Infinity) >= (narrow.length ?? Infinity))
      );
    case 'enum':
      return wide.kind === 'enum' && narrow.labels.every((label, index) => wide.labels[index] === label);
    default:
      return JSON.stringify(wide) === JSON.stringify(narrow);
  }
}

/** Whether nothing of a column is another one but its name. */
export function sameButName(one: Column, other: Column): boolean {
  return JSON.stringify(stableColumn({ ...one, name: other.name })) === JSON.stringify(stableColumn(other));
}
