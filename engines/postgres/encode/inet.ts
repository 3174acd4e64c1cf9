import { isIPv4, isIPv6 } from 'node:net';
import { RejectedValue } from '../../engine';
import { writeField, type CopyBuffer } from '../copyBuffer';
import { malformed, small, type CellEncoder } from './encoder';

/** PostgreSQL's own numbers of the address families (utils/inet.h). */
const FAMILY_4 = 2;
const FAMILY_6 = 3;

/** inet: family, bits of the mask, whether it is a network, the address's size, and the address (network_send). */
export const inetFromText: CellEncoder = small(24, (out, { bytes }, start, end) => {
  writeInet(out, parseAddress(bytes.toString('latin1', start, end)));
});

/** An address from its 4 or 16 bytes. */
export const inetFromBytes: CellEncoder = small(24, (out, { bytes }, start, end) => {
  const size = end - start;
  if (size !== 4 && size !== 16) throw new RejectedValue(`an address has 4 or 16 bytes, and the value has ${size}`);
  writeInet(out, bytes.subarray(start, end));
});

function writeInet(out: CopyBuffer, address: Uint8Array): void {
  const family = address.length === 4 ? FAMILY_4 : FAMILY_6;
  writeField(out, Uint8Array.of(family, address.length * 8, 0, address.length, ...address));
}

function parseAddress(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split('.'), Number);
  if (isIPv6(address) && !address.includes('%')) return parseVersion6(address);
  throw malformed('an address');
}

/** Eight groups of two bytes, of which `::` stands for as many zero ones as are missing; the last two may be an IPv4. */
function parseVersion6(address: string): Uint8Array {
  const [left = [], right = []] = address.split('::').map(groups);
  const bytes = new Uint8Array(16);
  bytes.set(left);
  bytes.set(right, 16 - right.length);
  return bytes;
}

function groups(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
