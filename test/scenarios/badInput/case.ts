import type { ErrorCode } from '../../../domain/errors';

/** One input that cannot be, and what a person is told of it. */
export interface BadInput {
  readonly name: string;
  /** `databaseMigration` unless given. */
  readonly type?: 'databaseMigration' | 'databaseAssessment' | 'databaseVerification';
  readonly code: ErrorCode;
  /** What was found, where, and what to do. */
  readonly says: readonly (string | RegExp)[];
  /** What must not be repeated. */
  readonly hides?: string;
  /** The arguments of the workflow; one in nearly every case. */
  readonly given: readonly unknown[];
  /** In place of `given`: JSON that no value of JavaScript is written as. */
  readonly json?: string;
}

export const NAMES = { source: 'shop_mysql', target: 'shop_pg' };

/** A case of an input that has the two names and something more. */
export function bad(name: string, code: ErrorCode, input: object, ...says: (string | RegExp)[]): BadInput {
  return { name, code, says, given: [{ ...NAMES, ...input }] };
}
