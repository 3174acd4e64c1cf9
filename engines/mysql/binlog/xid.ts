/** One spelling for the name of an XA transaction, which events and statements spell differently. */
export function xidKey(globalHex: string, branchHex: string, format: number): string {
  return `${globalHex.toLowerCase()},${branchHex.toLowerCase()},${format}`;
}
