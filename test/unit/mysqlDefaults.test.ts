import type { CanonicalType } from '../../domain/canonicalType';
import { readDefault } from '../../engines/mysql/defaults';

const bytes = (length: number | null, fixed = false): CanonicalType => ({ kind: 'bytes', length, fixed });

describe('a default of bytes, which MariaDB writes in hex since 11, is told exactly', () => {
  test.each<[string, CanonicalType, string]>([
    ["x'00ff5c27'", bytes(10), '00ff5c27'],
    ["X'00FF'", bytes(null), '00ff'],
    ["x'61'", bytes(3, true), '610000'],
    ["x''", bytes(2), ''],
  ])('%s in %j', (text, type, hex) => {
    expect(readDefault({ text, extra: '', type }, 'mariadb')).toEqual({ kind: 'bytes', hex });
  });

  test('but what looks so in a text column is left to the server', () => {
    const type: CanonicalType = { kind: 'text', length: 10 };
    expect(readDefault({ text: "'x''61'''", extra: '', type }, 'mariadb')).toBe('exact');
    expect(readDefault({ text: "x'61'", extra: '', type }, 'mariadb')).toEqual({ kind: 'expression', sql: "x'61'" });
  });
});
