import { assert } from '../../../domain/errors';
import type { AppliedTable } from '../../engine';
import type { PostgresSession } from '../connection';
import { integer, text } from '../control/decode';
import { compileEncoder } from '../encode';
import type { CellEncoder } from '../encode/encoder';
import { quoteName, quoteQualified } from '../quote';
import type { KeyColumn } from './keyArrays';

/** A type of this database. */
interface ColumnType {
  readonly oid: number;
  /** Quoted, and without what limits it: a cast to that would cut what does not fit. */
  readonly name: string;
}

/** The types of a table's columns, by name. */
async function columnTypes(session: PostgresSession, table: string): Promise<Map<string, ColumnType>> {
  const rows = await session.query(
    `select attname, t.oid, quote_ident(n.nspname) || '.' || quote_ident(typname)
     from pg_catalog.pg_attribute a
     join pg_catalog.pg_type t on t.oid = atttypid join pg_catalog.pg_namespace n on n.oid = typnamespace
     where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
    [table],
  );
  return new Map(rows.map(([column, oid, name]) => [text(column), { oid: integer(oid), name: text(name) }]));
}

/** What is needed to find rows of a table by some of its columns. */
export class AppliedColumns {
  /** The table's, quoted. */
  readonly name: string;
  private readonly encoders = new Map<number, CellEncoder>();

  private constructor(
    private readonly table: AppliedTable,
    private readonly types: ReadonlyMap<string, ColumnType>,
  ) {
    const { targetSchema, targetName } = table.plan.table;
    this.name = quoteQualified(targetSchema, targetName);
  }

  static async read(session: PostgresSession, table: AppliedTable): Promise<AppliedColumns> {
    const { targetSchema, targetName } = table.plan.table;
    return new AppliedColumns(table, await columnTypes(session, quoteQualified(targetSchema, targetName)));
  }

  /** The quoted target name of a planned column. */
  columnName(place: number): string {
    return quoteName(this.columnAt(place).targetName);
  }

  /** How to hand over the values of columns, by their places; `cells` is where the rows that are given have them. */
  key(places: readonly number[], cells: readonly number[] = places): KeyColumn[] {
    return places.map((place, index) => {
      const [column, encoder] = [this.columnAt(place), this.encoderAt(place)];
      return { column, encoder, place: cells[index] as number, oid: this.typeAt(place).oid };
    });
  }

  /** Compiled once: a cascade asks for it each time. */
  private encoderAt(place: number): CellEncoder {
    let encoder = this.encoders.get(place);
    if (encoder === undefined) {
      const column = this.columnAt(place);
      const [format, native] = [this.table.formats[place], this.table.plan.ddl.nativeTypes[place]];
      assert(format && native, 'a planned column has a cell format and a native type');
      encoder = compileEncoder(format, column, native, `${this.table.plan.table.source.name}.${column.source.name}`);
      this.encoders.set(place, encoder);
    }
    return encoder;
  }

  /** The types of arrays of columns' values, by their places. */
  arrayTypes(places: readonly number[]): string[] {
    return places.map((place) => `${this.typeAt(place).name}[]`);
  }

  private columnAt(place: number) {
    const column = this.table.plan.table.columns[place];
    assert(column, 'a place is one of the planned columns');
    return column;
  }

  private typeAt(place: number): ColumnType {
    const type = this.types.get(this.columnAt(place).targetName);
    assert(type, `a planned column is in the target's table: ${this.name}`);
    return type;
  }
}

/** `unnest($1::type[], …) as given (k0, …)`: a row for each place of some arrays, which are the first parameters. */
export function givenRows(arrayTypes: readonly string[]): string {
  const parameters = arrayTypes.map((type, index) => `$${index + 1}::${type}`);
  return `unnest(${parameters.join(', ')}) as given (${arrayTypes.map((_, index) => `k${index}`).join(', ')})`;
}

/** Whether a table's columns, from its alias on, are those of `given`. */
export function matchesGiven(columns: readonly string[]): string {
  return columns.map((column, index) => `${column} = given.k${index}`).join(' and ');
}
