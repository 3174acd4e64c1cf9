/** A statement that changes columns of one table, as its source reads it. All names are as they are written. */
export interface Alteration {
  readonly table: string;
  /** In the statement's order. */
  readonly clauses: readonly ColumnClause[];
}

export type ColumnClause =
  | {
      readonly kind: 'add';
      readonly column: DeclaredColumn;
      readonly place: ColumnPlace;
      readonly unlessThere: boolean;
    }
  | { readonly kind: 'drop'; readonly column: string; readonly ifThere: boolean }
  | { readonly kind: 'rename'; readonly column: string; readonly to: string; readonly ifThere: boolean }
  /** Declares a column anew, perhaps under another name; a place of null is the one that it has. */
  | {
      readonly kind: 'declare';
      readonly column: string;
      readonly declared: DeclaredColumn;
      readonly place: ColumnPlace | null;
      readonly ifThere: boolean;
    };

export type ColumnPlace = 'first' | 'last' | { readonly after: string };

export interface DeclaredColumn {
  readonly name: string;
  /** As the source's catalog spells it, without what means nothing (the width of integers). */
  readonly type: string;
  readonly nullable: boolean;
  readonly default: 'none' | 'null' | 'value';
}
