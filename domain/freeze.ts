import { z } from 'zod';
import type { Position } from './position';

/** How a source is frozen: the whole server made read-only, or its accounts' ways to write taken. */
export type FreezeMode = 'readOnly' | 'accounts';

/** What a freeze found and where it stopped; small enough for a history and free of secrets. */
export interface FreezeState {
  /** Settings as they were before the freeze, to be put back. Empty where accounts were frozen: the control schema has them. */
  readonly found: Readonly<Record<string, string>>;
  /** The position read after the freeze held. */
  readonly position: Position;
  /** Identifies this life of the server: a restart gives another. */
  readonly serverLife: string;
  /** Only of a freeze by accounts: what tells that it has held since. */
  readonly accounts?: AccountsProof;
}

export interface AccountsProof {
  /** How many statements about accounts the server had run. */
  readonly statements: string;
  /** The second, in epoch seconds, of the newest write to the database; null where the server knows of none. */
  readonly lastWrite: string | null;
}

const takingSchema = z.discriminatedUnion('how', [
  /** `account` is locked. */
  z.strictObject({ how: z.literal('lock'), account: z.string() }),
  /** `privileges` on `on` are revoked from `account`. */
  z.strictObject({ how: z.literal('revoke'), account: z.string(), privileges: z.string(), on: z.string() }),
]);

const accountsFoundSchema = z.strictObject({
  takings: z.array(takingSchema),
  /** The users who can write: their sessions must end, so that what was taken holds for them. */
  users: z.array(z.string()),
});

/** One thing that a freeze by accounts takes, in SQL as the server spells it. Giving it back is the reverse. */
export type Taking = z.infer<typeof takingSchema>;
export type AccountsFound = z.infer<typeof accountsFoundSchema>;

/** The statement that gives back what was taken. */
export function givingBack(taking: Taking): string {
  return taking.how === 'lock'
    ? `ALTER USER IF EXISTS ${taking.account} ACCOUNT UNLOCK`
    : `GRANT ${taking.privileges} ON ${taking.on} TO ${taking.account}`;
}

/** As a freeze by accounts is recorded before anything is taken. */
export function writeAccountsFound(found: AccountsFound): Record<string, string> {
  return { accounts: JSON.stringify(found) };
}

/** What a freeze by accounts has recorded; null when the record is of a freeze by settings. */
export function readAccountsFound(found: Readonly<Record<string, string>>): AccountsFound | null {
  const recorded = found['accounts'];
  return recorded === undefined ? null : accountsFoundSchema.parse(JSON.parse(recorded));
}
