/**
 * Asks a MySQL server how it maps every code of its character sets to Unicode, and prints them packed, for
 * engines/postgres/charsetData.ts. Run: node dist/scripts/charsetTables.js mysql://root@host:port > …/charsetData.ts
 */
import { brotliCompressSync, constants } from 'node:zlib';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { MULTI_BYTE, PAIRS, SINGLE_BYTE, TRIPLES } from '../engines/postgres/charsetTables';

const CODES_PER_QUERY = 2_000;

async function main(url: string): Promise<void> {
  const connection = await createConnection(url);
  const codes: number[] = [];
  for (const charset of [...SINGLE_BYTE, ...MULTI_BYTE]) {
    codes.push(...(await map(connection, charset, '', 256)));
    if (!MULTI_BYTE.includes(charset)) continue;
    codes.push(...(await map(connection, charset, '', PAIRS)));
    if (TRIPLES.includes(charset)) codes.push(...(await map(connection, charset, '8f', PAIRS)));
  }
  await connection.end();
  process.stdout.write(
    `/** Made by scripts/charsetTables.ts; read by charsetTables.ts. */\nexport const CHARSET_DATA =\n  '${pack(codes)}';\n`,
  );
}

/** The code points of the single bytes, or of the pairs with a lead byte from 0x80, after `prefix`; 0 where there is none. */
async function map(connection: Connection, charset: string, prefix: string, count: number): Promise<number[]> {
  const found: number[] = [];
  for (let first = 0; first < count; first += CODES_PER_QUERY) {
    const part = Array.from({ length: Math.min(CODES_PER_QUERY, count - first) }, (_, index) => {
      const code = first + index;
      return prefix + (count === PAIRS ? (code + 0x8000).toString(16) : code.toString(16).padStart(2, '0'));
    });
    const columns = part.map((hex) => `hex(convert(convert(x'${hex}' using ${charset}) using utf32))`);
    const [rows] = await connection.query<RowDataPacket[][]>({ sql: `select ${columns.join()}`, rowsAsArray: true });
    found.push(...(rows[0] ?? []).map((hex, index) => codePoint(part[index] ?? '', hex as unknown as string | null)));
  }
  return found;
}

/** The server answers NULL, nothing, a question mark or U+FFFD for what it cannot map, and two characters for two. */
function codePoint(code: string, utf32: string | null): number {
  if (utf32?.length !== 8 || utf32 === '0000FFFD' || (utf32 === '0000003F' && code !== '3f')) return 0;
  return Number.parseInt(utf32, 16);
}

/** Differences to the last code that is set compress best: many tables run in the order of Unicode. */
function pack(codes: readonly number[]): string {
  const differences = new Uint16Array(codes.length);
  let last = 0;
  codes.forEach((code, index) => {
    if (code === 0) return;
    if (code === last) throw new Error('two codes in a row map to one character: another packing is needed');
    differences[index] = code - last;
    last = code;
  });
  const bytes = Buffer.from(differences.buffer);
  const params = { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params }).toString('base64');
}

void main(process.argv[2] ?? '');
