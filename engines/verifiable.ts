import type { KeyRange } from '../domain/keys';
import type { PlannedTable } from '../domain/plan';
import type { RowKey } from '../domain/rowKey';

// Verification shares no conversion code with the row path.

/**
 * One part of a table to compare: the rows of a key range, of some buckets, or with some keys; what more than one of
 * them says must hold together. Both engines mean the same rows by a range only where they order the key alike; a
 * bucket means the same to both: the rows whose key (or for a table without one, whose hash) falls into it.
 */
export interface VerificationPart {
  readonly table: PlannedTable;
  readonly range: KeyRange;
  readonly bucketCount: number;
  /** Null is every bucket. */
  readonly buckets: readonly number[] | null;
  /** Null is every key. */
  readonly keys: readonly RowKey[] | null;
  /** Of these rows only the first so many, in key order; all of them where it is left out. For digestRows alone. */
  readonly first?: number;
}

/** Of each bucket that has rows: how many, and the sum of a 60-bit part of their hashes, in digits. */
export interface BucketDigest {
  readonly bucket: number;
  readonly rows: number;
  readonly sum: string;
}

/** One row's key and the SHA-256 over its hashed columns (see HashForm), as hex. */
export interface RowDigest {
  readonly key: RowKey;
  readonly hash: string;
  /** The canonical text of the columns that the hash leaves out, in plan order. */
  readonly unhashed: readonly (string | null)[];
  /** How many rows are alike; more than one only in a table without a key. */
  readonly rows: number;
}

/** A row's columns as canonical text, in plan order; null is NULL. Without a key, the hash stands in for it. */
export interface CanonicalRow {
  readonly key: RowKey;
  readonly values: readonly (string | null)[];
}

/** Rows to read: those with these keys, or for a table without a key one row for each of these hashes. */
export interface RowsRequest {
  readonly table: PlannedTable;
  /** As this side's digestRows gave them. */
  readonly keys: readonly RowKey[];
  readonly hashes: readonly string[];
  /** Whether JSON comes whole, however long; if not, it comes as LONG_TEXT_BYTES says, like all other long values. */
  readonly wholeJson: boolean;
  /** Whether every value comes whole, however long. */
  readonly wholeText?: boolean;
}

export interface Verifiable {
  countRows(table: PlannedTable, signal?: AbortSignal): Promise<number>;
  digestBuckets(part: VerificationPart, signal: AbortSignal): Promise<BucketDigest[]>;
  digestRows(part: VerificationPart, signal: AbortSignal): Promise<RowDigest[]>;
  readRows(request: RowsRequest, signal: AbortSignal): Promise<CanonicalRow[]>;
}
