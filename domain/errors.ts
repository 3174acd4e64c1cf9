/**
 * Every error a person can meet, with its meaning and whether trying again can help. docs/operations.md lists the same
 * codes with what to do.
 */
export const ERROR_CODES = {
  // input, refused before anything is touched
  INPUT_INVALID: { retryable: false, meaning: 'the workflow input does not have the documented shape' },
  INPUT_HAS_SECRET: { retryable: false, meaning: 'the input holds a URL with a password' },
  OPTION_NOT_BUILT: { retryable: false, meaning: 'the option asks for a phase this release does not have' },
  CONNECTION_UNKNOWN: { retryable: false, meaning: 'the worker has no connection of that name' },
  CONNECTION_INVALID: { retryable: false, meaning: 'a connection variable does not hold a usable URL' },
  SAME_SOURCE_AND_TARGET: { retryable: false, meaning: 'source and target are the same database' },
  PAIR_UNSUPPORTED: { retryable: false, meaning: 'this release does not migrate between these two engines' },
  FILE_NOT_ALLOWED: { retryable: false, meaning: 'the path lies outside MIGRATION_FILE_ROOTS' },
  SOCKET_NOT_ALLOWED: { retryable: false, meaning: 'the socket is not in MIGRATION_HAPROXY_SOCKETS' },
  HOST_NOT_ALLOWED: { retryable: false, meaning: 'the host is not in MIGRATION_HTTP_HOSTS' },
  NO_TABLES: { retryable: false, meaning: 'the include and exclude patterns leave no table' },
  MAPPING_INVALID: {
    retryable: false,
    meaning: 'the mapping names something that is not there, or a type that cannot hold it',
  },
  // servers
  CONNECTION_FAILED: { retryable: true, meaning: 'a server cannot be reached' },
  CONNECTION_LOST: { retryable: true, meaning: 'a connection broke while it was used' },
  LOGIN_REFUSED: { retryable: false, meaning: 'a server refuses the user or the password' },
  PRIVILEGE_MISSING: { retryable: false, meaning: 'the user may not do what the migration needs' },
  SERVER_BUSY: { retryable: true, meaning: 'a server has no room for now (connections, locks, shutdown)' },
  STATEMENT_FAILED: { retryable: false, meaning: 'a server refuses a statement' },
  // the source's change log
  POSITION_LOST: { retryable: false, meaning: 'the change log no longer reaches back to where it must be read from' },
  LOG_UNREADABLE: { retryable: false, meaning: 'the change log does not hold what is needed to follow every change' },
  // the way back
  WAY_BACK_BLOCKED: { retryable: false, meaning: 'the source cannot take back what is written on the target' },
  // phases
  PREFLIGHT_BLOCKED: { retryable: false, meaning: 'preflight or plan found what must be mended first' },
  TRIAL_FAILED: { retryable: false, meaning: 'the trial found what would stop the migration later' },
  PLAN_CHANGED: { retryable: false, meaning: 'the source schema is no longer the one that was planned' },
  BACKUP_FAILED: { retryable: false, meaning: 'the backup of the target could not be made, or not be restored' },
  FREEZE_FAILED: { retryable: false, meaning: 'the source could not be frozen' },
  FREEZE_LOST: { retryable: false, meaning: 'the source did not stay frozen' },
  FREEZE_OVERDUE: { retryable: false, meaning: 'the cutover did not end within cutover.maxFreezeSeconds' },
  ROW_MISSING: {
    retryable: false,
    meaning: 'a row that the source deleted is not on the target, which must have it',
  },
  ROW_REJECTED: { retryable: false, meaning: 'a value cannot be stored on the target unchanged' },
  STREAM_MOVED: { retryable: true, meaning: 'another attempt applies the change stream' },
  SCHEMA_CHANGE_FAILED: {
    retryable: false,
    meaning: 'the target does not have, or cannot get, what follows from a schema change of the source',
  },
  EPOCH_STALE: { retryable: false, meaning: 'this attempt belongs to work that has been undone' },
  BUILD_FAILED: { retryable: false, meaning: 'a key, index or constraint cannot be built on the target' },
  VERIFICATION_FAILED: { retryable: false, meaning: 'source and target differ' },
  SWITCH_FAILED: { retryable: true, meaning: 'a switch step did not take effect' },
  COMPENSATION_FAILED: { retryable: true, meaning: 'an undo step did not succeed yet' },
  // decisions, which answer an update
  DECISION_NOT_DUE: { retryable: false, meaning: 'the decision comes too early, too late or twice' },
  // ours
  INTERNAL: { retryable: false, meaning: 'a promise inside this program does not hold: please report it' },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** A coded error. The message says what was found, where, and what to do, and never holds a secret. */
export class MigrationError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: { details?: Record<string, unknown>; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = code;
    this.code = code;
    this.details = options.details ?? {};
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}

/** A promise inside this program that must hold; when it does not, the program is wrong, not the data. */
export function assert(condition: unknown, promise: string): asserts condition {
  if (!condition) throw new MigrationError('INTERNAL', `broken promise: ${promise}`);
}
