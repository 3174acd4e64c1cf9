import type { CanonicalType } from './canonicalType';

/** What a source's schema holds, in neutral words. Names are the source's own, never folded. */
export interface Catalog {
  readonly tables: readonly Table[];
  /** Objects that are named in the plan but not moved: each becomes a finding that carries its text. */
  readonly others: readonly OtherObject[];
}

export interface OtherObject {
  readonly kind: 'view' | 'trigger' | 'procedure' | 'function' | 'event' | 'sequence';
  readonly name: string;
  /** The table a trigger belongs to. */
  readonly table?: string;
  readonly definition: string;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  /** Column names of the primary key, in key order; null when there is none. */
  readonly primaryKey: readonly IndexPart[] | null;
  readonly indexes: readonly Index[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly checks: readonly CheckConstraint[];
  readonly comment: string;
  /** The server's own estimates: good for planning, never for verification. */
  readonly estimatedRows: number;
  readonly bytes: number;
  /** False when a consistent read is impossible (MyISAM and its kin). */
  readonly transactional: boolean;
  readonly partitioned: boolean;
  /** The source's own statement that makes the table. */
  readonly definition: string;
}

export interface Column {
  readonly name: string;
  /** As the source declares it, e.g. `int(10) unsigned`. */
  readonly declaredType: string;
  readonly type: CanonicalType;
  readonly nullable: boolean;
  readonly default: ColumnDefault | null;
  /** Set on an automatically numbered column: the next value the source would give. */
  readonly identity: { readonly next: string } | null;
  readonly generated: { readonly expression: string; readonly stored: boolean } | null;
  /** MySQL's ON UPDATE CURRENT_TIMESTAMP. */
  readonly updatesItself: boolean;
  readonly comment: string;
  /** The source's character set and collation of a text column. */
  readonly charset: string | null;
  readonly collation: string | null;
}

/** `literal` is the value itself, unquoted, as text; `now` the current time; `expression` the source's SQL. */
export type ColumnDefault =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'bytes'; readonly hex: string }
  | { readonly kind: 'now'; readonly precision: number }
  | { readonly kind: 'expression'; readonly sql: string };

export interface IndexPart {
  /** A column, or null when the part is an expression. */
  readonly column: string | null;
  readonly expression: string | null;
  /** Only the first characters (text) or bytes (bytes) are indexed. */
  readonly prefix: number | null;
  readonly descending: boolean;
}

export interface Index {
  readonly name: string;
  readonly unique: boolean;
  readonly kind: 'plain' | 'fulltext' | 'spatial' | 'multiValued';
  readonly parts: readonly IndexPart[];
  readonly visible: boolean;
}

export type ReferentialAction = 'NO ACTION' | 'RESTRICT' | 'CASCADE' | 'SET NULL' | 'SET DEFAULT';

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  /** The schema (database) of the referenced table when it is another one, else null. */
  readonly referencedSchema: string | null;
  readonly referencedTable: string;
  readonly referencedColumns: readonly string[];
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
}

export interface CheckConstraint {
  readonly name: string;
  readonly expression: string;
  readonly enforced: boolean;
}

/**
 * What a scan of the data proved about a column. Numbers that may pass 2^53 are decimal text. A fact that is absent
 * was not asked for; nothing may be concluded from it.
 */
export interface ColumnFacts {
  /** Smallest and largest value of an integer column; null when it holds none. */
  readonly min?: string | null;
  readonly max?: string | null;
  /** True when each value of a time column lies in 00:00:00 … 24:00:00. */
  readonly withinDay?: boolean;
  /** Rows whose date has a zero year, month or day. */
  readonly zeroDates?: number;
  /** Rows whose text holds the character NUL. */
  readonly nulCharacters?: number;
  /** Rows that hold an enum's error value (index 0). */
  readonly invalidEnums?: number;
}

export interface TableFacts {
  readonly rows: number;
  readonly columns: Readonly<Record<string, ColumnFacts>>;
  /** Rows that break a foreign key, by its name; keys that no row breaks are absent. */
  readonly orphans: Readonly<Record<string, number>>;
}
