import { MigrationError } from '../../../domain/errors';

/** A place in the write-ahead log, in bytes from its beginning: 64 bits, which a JavaScript number cannot hold. */
export type Lsn = bigint;

const TEXT = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i;

/** Reads PostgreSQL's spelling, such as `16/B374D848` (manual, "pg_lsn Type"). Errors: POSITION_LOST for another text. */
export function parseLsn(text: string): Lsn {
  const [, high, low] = TEXT.exec(text) ?? [];
  if (high === undefined || low === undefined) {
    throw new MigrationError('POSITION_LOST', `there is no place in a write-ahead log that is called "${text}"`);
  }
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

/** As PostgreSQL spells it, so that the same place is the same text. */
export function formatLsn(lsn: Lsn): string {
  const half = (value: bigint): string => value.toString(16).toUpperCase();
  return `${half(lsn >> 32n)}/${half(lsn & 0xffff_ffffn)}`;
}
