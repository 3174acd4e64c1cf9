import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { RejectedValue } from '../../../engines/engine';
import { charsetNamed } from '../../../engines/postgres/charset';
import { MULTI_BYTE, SINGLE_BYTE } from '../../../engines/postgres/charsetTables';
import { CopyBuffer, RowBytes } from '../../../engines/postgres/copyBuffer';
import { sharedServers } from '../../helpers/servers';

const UNICODE = ['utf8mb4', 'utf8mb3', 'utf16', 'utf16le', 'utf32', 'ucs2'];
const CODES_PER_QUERY = 2_000;
const QUESTION_MARK = 0x3f;

const hex = (...bytes: number[]) => Buffer.from(bytes).toString('hex');
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Codes of one to four bytes that a character set may have, valid or not. */
function codesOf(charset: string): string[] {
  const codes = range(0, 255).map((byte) => hex(byte));
  if (!MULTI_BYTE.includes(charset)) return codes;
  for (const lead of range(0x80, 0xff)) for (const second of range(0x30, 0xff)) codes.push(hex(lead, second));
  if (charset === 'ujis' || charset === 'eucjpms') {
    for (const second of range(0xa0, 0xff)) for (const third of range(0xa0, 0xff)) codes.push(hex(0x8f, second, third));
  }
  if (charset === 'gb18030')
    for (let place = 0; place < 1_588_000; place += place < 50_400 ? 1 : 97) codes.push(quad(place));
  return codes;
}

/** The four bytes of GB18030's codes in their order. */
function quad(place: number): string {
  const [a, b] = [Math.floor(place / 12_600), Math.floor(place / 1_260) % 10];
  return hex(0x81 + a, 0x30 + b, 0x81 + (Math.floor(place / 10) % 126), 0x30 + (place % 10));
}

/** Text as the server converts it; null where it cannot, for which it answers NULL, or a question mark, or U+FFFD. */
async function convertThere(
  connection: Connection,
  charset: string,
  codes: readonly string[],
): Promise<(string | null)[]> {
  const texts: (string | null)[] = [];
  for (let first = 0; first < codes.length; first += CODES_PER_QUERY) {
    const part = codes.slice(first, first + CODES_PER_QUERY);
    const list = part.map((code) => `hex(convert(convert(x'${code}' using ${charset}) using utf8mb4))`);
    const [rows] = await connection.query<RowDataPacket[][]>({ sql: `select ${list.join()}`, rowsAsArray: true });
    (rows[0] as unknown as (string | null)[]).forEach((answer, index) => {
      const code = Buffer.from(part[index]!, 'hex');
      const text = answer === null ? '' : Buffer.from(answer, 'hex').toString('utf8');
      const marks = text.split('?').length > code.filter((byte) => byte === QUESTION_MARK).length + 1;
      // GB18030 alone has a code for U+FFFD itself, of four bytes.
      const replaced = text.includes('\ufffd') && code.length < 4;
      texts.push(text === '' || marks || replaced ? null : text);
    });
  }
  return texts;
}

function convertHere(charset: string, code: string): string | null {
  const converter = charsetNamed(charset, 'reject');
  const out = new CopyBuffer(64);
  const bytes = Buffer.from(code, 'hex');
  try {
    converter!.write(out, new RowBytes().load(bytes), 0, bytes.length);
  } catch (error) {
    if (error instanceof RejectedValue) return null;
    throw error;
  }
  expect(out.at).toBeLessThanOrEqual(bytes.length * converter!.perByte);
  return out.bytes.toString('utf8', 0, out.at);
}

describe.each(['mysqlUrl', 'mariadbUrl'] as const)('as the server of %s maps it', (name) => {
  let connection: Connection;
  let known: string[];
  beforeAll(async () => {
    connection = await createConnection(sharedServers()[name].replace(/^mariadb:/, 'mysql:'));
    const [rows] = await connection.query<RowDataPacket[]>(
      'select character_set_name as name from information_schema.character_sets',
    );
    known = rows.map((row) => String(row['name']));
  });
  afterAll(async () => connection.end());

  test('every character set of the server but binary is known', () => {
    const others = known.filter((charset) => charsetNamed(charset, 'reject') === null);
    expect(others).toEqual(['binary']);
  });

  test.each([...SINGLE_BYTE, ...MULTI_BYTE])('every code of %s', async (charset) => {
    // MariaDB has no gb18030.
    if (!known.includes(charset)) return;
    // The two map alike; a part of MariaDB's codes is enough to notice if they ever should not.
    const codes = codesOf(charset).filter((_, index) => name === 'mysqlUrl' || index % 7 === 0);
    const there = await convertThere(connection, charset, codes);
    const wrong = codes.flatMap((code, index) => {
      const expected = code === '00' ? null : (there[index] ?? null);
      const here = convertHere(charset, code);
      return here === expected ? [] : [`${code}: ${here ?? 'rejected'}, not ${expected ?? 'rejected'}`];
    });
    expect({ wrong: wrong.length, first: wrong.slice(0, 5) }).toEqual({ wrong: 0, first: [] });
  });

  test.each(UNICODE)('characters of every plane in %s', async (charset) => {
    const points = [1, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd - 1, 0xffff, 0x10000, 0x1f600, 0x10ffff];
    const limit = charset === 'ucs2' || charset === 'utf8mb3' ? 0xffff : 0x10ffff;
    const texts = points.filter((point) => point <= limit).map((point) => `a${String.fromCodePoint(point)}z`);
    const list = texts.map(() => `hex(convert(convert(? using utf8mb4) using ${charset}))`);
    const [rows] = await connection.query<RowDataPacket[][]>({
      sql: `select ${list.join()}`,
      rowsAsArray: true,
      values: texts,
    });
    expect((rows[0] as unknown as string[]).map((code) => convertHere(charset, code))).toEqual(texts);
  });
});
