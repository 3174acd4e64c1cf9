import type { CanonicalType } from './canonicalType';
import type { Column, ForeignKey, Index, Table } from './catalog';
import type { Finding } from './finding';

/** How values are treated that the target cannot hold as they are; each is an explicit choice of the input. */
export interface ValuePolicies {
  readonly zeroDates: 'reject' | 'null';
  readonly nulCharacters: 'reject' | 'strip';
  readonly invalidEnums: 'reject' | 'null';
}

/** One table of the migration: what it is called and what each column is, on both sides, before any target's SQL. */
export interface PlannedTable {
  /** The source's table, whole. */
  readonly source: Table;
  readonly targetSchema: string;
  readonly targetName: string;
  readonly columns: readonly PlannedColumn[];
  /** The key that cuts the table into chunks: source column names in key order; null for a table without one. */
  readonly chunkKey: readonly string[] | null;
  /** True when both engines order that key alike, so that a key range means the same rows on both. */
  readonly keyOrdersAlike: boolean;
  /** Target names. */
  readonly primaryKey: { readonly name: string; readonly columns: readonly string[] } | null;
  readonly indexes: readonly PlannedIndex[];
  readonly foreignKeys: readonly PlannedForeignKey[];
}

export interface PlannedColumn {
  readonly source: Column;
  readonly targetName: string;
  /** The type after what the data proved and what the mapping asks for. */
  readonly type: CanonicalType;
  /** The target's own spelling, where the mapping gives one; else null and the target chooses. */
  readonly mappedType: string | null;
  readonly nullable: boolean;
  /** The name of the type a target makes for an enum, unique within the target schema; absent for all other types. */
  readonly typeName?: string;
  readonly policies: ValuePolicies;
}

export interface PlannedIndex {
  readonly source: Index;
  /** Unique within the target schema. */
  readonly targetName: string;
  /** Set on what is left of a primary key that must admit NULL: two NULLs count as the same. */
  readonly nullsNotDistinct?: boolean;
}

export interface PlannedForeignKey {
  readonly source: ForeignKey;
  readonly targetName: string;
  /** Target names. */
  readonly columns: readonly string[];
  readonly referencedTable: string;
  readonly referencedColumns: readonly string[];
  /** Created NOT VALID because rows break it (`mapping.orphans: "notValid"`). */
  readonly notValid: boolean;
}

/** A statement the target will run, and the object it makes. */
export interface BuildStep {
  readonly kind:
    | 'type'
    | 'table'
    | 'comment'
    | 'primaryKey'
    | 'unique'
    | 'index'
    | 'check'
    | 'identity'
    | 'foreignKey'
    | 'foreignKeyCheck'
    | 'analyze';
  /** The object's target name: what a retry looks for to know whether the step is done. */
  readonly name: string;
  readonly sql: string;
}

/** Who may use the migrated tables once they are the truth, as the input says. */
export interface TargetGrant {
  readonly role: string;
  readonly privileges: 'readWrite' | 'read';
}

/** A right on a table, made behind the commit point. */
export interface GrantStep {
  readonly role: string;
  /** `table`, or `table.column` for what numbers that column; target names. */
  readonly on: string;
  readonly sql: string;
  /** Takes it away again. */
  readonly undo: string;
}

/** What the target makes of a planned table. */
export interface TargetDdl {
  /** The native type of each column, in the order of PlannedTable.columns. */
  readonly nativeTypes: readonly string[];
  /** Made before the copy, in order: types, then the table, comments. */
  readonly create: readonly BuildStep[];
  /** Made after the copy, in order: primary key, unique and plain indexes, identity counters, ANALYZE. */
  readonly build: readonly BuildStep[];
  /** Made when every table is built. */
  readonly foreignKeys: readonly BuildStep[];
  /** Made behind the commit point: before it, nobody else may write to the target. */
  readonly grants: readonly GrantStep[];
}

/** One table of the plan, as it is stored in the control schema. */
export interface TablePlan {
  readonly table: PlannedTable;
  readonly ddl: TargetDdl;
}

export interface MigrationPlan {
  readonly tables: readonly TablePlan[];
  readonly findings: readonly Finding[];
  /** The source schema's fingerprint the plan was made from. */
  readonly fingerprint: string;
}
