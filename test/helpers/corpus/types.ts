import type { Flavour } from '../../../scripts/shop/flavour';

/** An option of a migration's `mapping` that lets a value in which is rejected otherwise. */
export type Policy = 'zeroDates' | 'nulCharacters' | 'invalidEnums';

/**
 * A value that PostgreSQL cannot hold: its row is rejected, unless the policy is set, under which it `becomes` another.
 * Without a policy nothing lets it in.
 */
export type Rejected =
  | { readonly rejected: Policy; readonly becomes: string | null }
  | { readonly rejected: 'always'; readonly becomes?: undefined };

/** What `value::text` says on PostgreSQL, with TimeZone UTC and extra_float_digits 1; null is NULL. */
export type Expected = string | null | Rejected;

/** A value of the source as an SQL expression, or null to leave the column to its default, and what must arrive. */
export type Cell = readonly [literal: string | null, expected: Expected];

/** The time at which a row was inserted. */
export interface CurrentTime {
  readonly currentTime: true;
}

export interface CorpusColumn {
  readonly name: string;
  /** What follows the name in CREATE TABLE on the source. */
  readonly definition: string;
  /** The target's type as format_type() spells it; an enum has no name yet: `enum`, with its labels in `labels`. */
  readonly type: string;
  readonly labels?: readonly string[];
  readonly notNull: boolean;
  /** What a row on the target holds that was inserted without this column. */
  readonly byDefault?: string | null | CurrentTime;
  /** The number that the target gives next, when the source gives the numbers; `exhausted` when there is none left. */
  readonly next?: string;
  readonly comment?: string;
}

export interface CorpusTable {
  readonly name: string;
  /** The rows of the list of values that the table stands for, such as `A6`. */
  readonly covers: readonly string[];
  /** Run first, in the session that creates and fills the table. */
  readonly sessionSql: readonly string[];
  readonly createSql: string;
  readonly insertSql: readonly string[];
  readonly columns: readonly CorpusColumn[];
  /** The columns by which rows are told apart; none when the table has no key. */
  readonly key: readonly string[];
  /** Every row, by the source's column names, in no order. */
  readonly expected: readonly Readonly<Record<string, Expected>>[];
  /** The policies without which rows are rejected. */
  readonly policies: readonly Policy[];
  /** Rows that no policy lets in. */
  readonly alwaysRejected: number;
  /** Names of foreign keys that rows of this table break. */
  readonly orphans?: readonly string[];
  readonly comment?: string;
}

export interface CorpusServer {
  readonly flavour: Flavour;
  readonly version: string;
}
