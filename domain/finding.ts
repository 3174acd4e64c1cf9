/** Something translated differently, or not at all, or that a person should know before deciding. */
export interface Finding {
  /** From FINDING_CODES. */
  readonly code: FindingCode;
  readonly severity: Severity;
  /** Source names: `table`, `table.column`, `table.index` or `table.constraint`; the connection's name for a server. */
  readonly object: string;
  /** What the source says, in its own words. */
  readonly source: string;
  /** What the target gets; empty when it gets nothing. */
  readonly target: string;
  readonly reason: string;
}

/** `blocking` stops the run before anything is made; `question` wants a person's answer in the input. */
export type Severity = 'info' | 'warning' | 'question' | 'blocking';

/** Every code a finding can carry, with its meaning; docs/operations.md lists the same codes. */
export const FINDING_CODES = {
  // preflight
  LOGIN_FAILED: 'a connection does not answer, or refuses the login',
  VERSION_UNSUPPORTED: 'a server is older than the oldest version supported',
  GRANT_MISSING: 'the user lacks a right this migration needs',
  PLAIN_TEXT_CONNECTION: 'the connection is not encrypted and leaves this machine',
  SETTING_UNSUITABLE: 'a server setting would make the migration fail or lose data',
  FREEZE_LEAKS: 'some users can write through the freeze',
  FREEZE_STOPS: 'the freeze locks this account, or takes its right to write',
  REPLICATION_RUNNING: 'the source applies a replication stream, which a freeze cannot hold',
  ROLE_MISSING: 'a role that targetGrants names is not on the target',
  TARGET_TABLE_EXISTS: 'the target already holds an object of that name',
  PREPARED_TRANSACTION: 'a prepared (XA) transaction is open on the source',
  LONG_TRANSACTION: 'transactions have been open for long, and will hold up the freeze or the building of tables',
  CHECK_FAILED: 'a check could not be made, so nothing is known of what it looks for',
  MANAGED_SERVICE: 'the server is a cloud service, which gives some rights to nobody',
  NETWORK_SLOW: 'the way to a server is slow',
  CLOCKS_DIFFER: 'the clocks of the machines differ',
  TARGET_SPACE: 'the target may not have room for the data',
  TARGET_NOT_EMPTY: 'the target schema holds objects of somebody else',
  BACKUP_IMPOSSIBLE: 'the target is not empty and this worker cannot back it up',
  TARGET_NOT_BACKED_UP: 'the target is not empty, and the input asks for no backup',
  WORKER_BUSY: 'the machine of the worker has little left of something',
  REPLICA_UNFIT: 'the lag of a connection of copy.replicas cannot tell how far behind the source it is',
  SWITCH_NOT_READY: 'a switch step could not send the traffic to the target as things are',
  INPUT_WITHOUT_EFFECT: 'a pattern or a rule of the input matches nothing',
  // plan: columns
  TYPE_UNSUPPORTED: 'the column has a type that is not moved yet',
  TYPE_CHANGED: 'the column gets a type with another range or meaning',
  TYPE_MAPPED: 'the input asks for this type',
  COLUMN_GENERATED: 'a generated column becomes a plain column holding its values',
  COLUMN_UPDATES_ITSELF: 'ON UPDATE CURRENT_TIMESTAMP is not carried over',
  DEFAULT_NOT_TRANSLATED: 'the default is an expression without a translation',
  DEFAULT_DROPPED: 'the default cannot be a value of the target column',
  IDENTITY_NOT_POSSIBLE: 'the target column cannot number itself',
  NOT_NULL_DROPPED: 'the column admits NULL on the target',
  CASE_INSENSITIVE_KEY: 'the source compares this key without regard to case; the target does',
  ZERO_DATES: 'rows hold zero or partial dates',
  NUL_CHARACTERS: 'rows hold the character NUL, which the target cannot store',
  INVALID_ENUM_VALUES: 'rows hold the enum error value',
  JSON_BY_MEANING: 'JSON text is stored by meaning: key order and spacing may change',
  // plan: names
  NAME_CHANGED: 'the object gets another name than the folded one',
  NAME_CLASH: 'two names become the same on the target',
  NAME_RESERVED: 'the name is a reserved word of the target: SQL must quote it',
  // plan: rights
  ACCESS_GRANTED: 'the role may use the migrated tables from the commit point on',
  // plan: tables, indexes, constraints, others
  TABLE_WITHOUT_KEY: 'the table has no primary or not-null unique key',
  TABLE_NOT_TRANSACTIONAL: 'the table is not transactional on the source',
  TABLE_NOT_STREAMED: 'the changes of the table cannot be followed, so it cannot be moved while it is written to',
  TABLE_PARTITIONED: 'a partitioned table becomes one plain table',
  INDEX_NOT_TRANSLATED: 'the index has no translation',
  INDEX_CHANGED: 'the index is built in another form',
  INDEX_TOO_LARGE: 'index entries can be too long for the target',
  FOREIGN_KEY_OUTSIDE: 'the foreign key refers to a table that is not migrated',
  FOREIGN_KEY_NOT_TRANSLATED: 'the foreign key has no translation',
  FOREIGN_KEY_ORPHANS: 'rows break the foreign key',
  CHECK_NOT_TRANSLATED: 'the check has no translation',
  OBJECT_NOT_MIGRATED: 'views, triggers, routines and events are not moved',
  // trial
  TRIAL_ROWS_REJECTED: 'rows of the trial that the target cannot hold',
  TRIAL_INCOMPLETE: 'the trial left something untried',
  // copy
  ROWS_REJECTED: 'rows that the target cannot hold were kept aside and not copied',
  // observe, and a rollback behind the switch
  BASELINE_MISSING: 'nobody knows how fast the application answered before the cutover',
  OBSERVE_BREACHED: 'what was observed after the switch crossed a threshold, and was rolled back',
  CRITICAL_ISSUE: 'something was found after the switch that must not be',
  ROWS_WRITTEN_ON_TARGET: 'rows were written on the target before the rollback; a file has them',
  EXTRACTION_INCOMPLETE: 'what was written on the target could not be told exactly, or not all of it',
  // the way back
  WAY_BACK_IMPOSSIBLE: 'what is written to the table on the target cannot be taken back',
  WRITTEN_LATE: 'the source took writes after it was frozen, which are not on the target',
  WAY_BACK_LOST: 'a rollback would lose what is written on the target from now on',
  ROLLBACK_DIFFERS: 'a rollback found the source other than the target, after all was taken back',
  // comparison of any two connections
  TARGET_TABLE_MISSING: 'the target has no table of that name',
  TARGET_COLUMN_MISSING: 'the target table has no column of that name',
  NOT_COMPARABLE: 'the target stores the column in a type that its values cannot be compared in',
  FINDINGS_TRUNCATED: 'there are more findings than a result carries; the report has all',
} as const;

export type FindingCode = keyof typeof FINDING_CODES;
