/**
 * What must not be while the application works on the target, with what a person can do about it. Each is counted once
 * in every look at the databases; docs/operations.md lists the same codes.
 */
export const CRITICAL_ISSUES = {
  TARGET_UNREACHABLE: {
    meaning: 'the target does not answer, or refuses the login',
    remedy: 'look at the server and the way to it',
  },
  TARGET_READ_ONLY: {
    meaning: 'the target is in recovery, or takes no writes',
    remedy: 'end the recovery; take default_transaction_read_only away',
  },
  CONNECTIONS_EXHAUSTED: {
    meaning: 'almost all connections that the target admits are taken',
    remedy: "raise max_connections, or lower the application's pools",
  },
  TABLE_MISSING: { meaning: 'a migrated table is not there any more', remedy: 'find out who dropped or renamed it' },
  TABLE_UNREADABLE: {
    meaning: 'a migrated table cannot be read, or not within seconds',
    remedy: 'read the reason: a lock, a right, or a damaged file',
  },
  INDEX_INVALID: { meaning: 'an index of the migration is not valid any more', remedy: 'REINDEX it' },
  CONSTRAINT_NOT_ENFORCED: {
    meaning: 'a foreign key of the migration is not valid any more, or its triggers are off',
    remedy: 'ALTER TABLE … ENABLE TRIGGER ALL; VALIDATE CONSTRAINT',
  },
  GRANT_LOST: { meaning: 'a role of targetGrants may not use a table any more', remedy: 'grant it again' },
  COUNTER_BEHIND: {
    meaning: 'the next number of a column is taken already, so that the next insert fails',
    remedy: 'setval past the largest value; let no insert give numbers of its own',
  },
  SOURCE_WRITTEN: {
    meaning: 'the source did not stay frozen: what is written there is not on the target',
    remedy: 'find who still writes there; freeze it again',
  },
  APPLICATION_CRITICAL: {
    meaning: 'the application reported critical issues in its answer to the probe',
    remedy: 'read its log',
  },
} as const;

export interface CriticalIssue {
  readonly code: keyof typeof CRITICAL_ISSUES;
  /** The table, index, constraint or role it is about, or the connection. */
  readonly object: string;
  /** What was found there, in words. */
  readonly found: string;
}
