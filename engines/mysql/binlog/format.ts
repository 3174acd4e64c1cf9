import { CHECKSUM_BYTES } from './header';

const CRC32_ALGORITHM = 1;

/** Whether the events behind a FORMAT_DESCRIPTION event, whose body this is, end in a checksum. (MySQL: since 5.6.1) */
export function hasChecksums(bytes: Buffer, end: number): boolean {
  return bytes[end - CHECKSUM_BYTES - 1] === CRC32_ALGORITHM;
}
