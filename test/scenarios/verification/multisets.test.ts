import fc from 'fast-check';
import { texts } from './literals';
import { FLAVOURS, NEVER, VerificationPair, WHOLE } from './pair';

const RANDOM_ROWS = 600;

describe.each(FLAVOURS)('tables without a key on %s', (flavour) => {
  let pair: VerificationPair;
  beforeAll(async () => {
    pair = await VerificationPair.open(flavour);
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  describe('exact duplicates', () => {
    const rows = "('a', 1), ('a', 1), ('a', 1), ('b', NULL), ('b', NULL), (NULL, NULL)";
    beforeAll(async () => {
      await pair.onSource(`CREATE TABLE plain (a varchar(20), b int); INSERT INTO plain VALUES ${rows};`);
      await pair.plan();
      await pair.onTarget(`INSERT INTO plain VALUES ${rows}`);
    });
    const reset = `DELETE FROM plain; INSERT INTO plain VALUES ${rows}`;

    test('count as often as they are there', async () => {
      expect(await pair.verify('plain')).toMatchObject({ sourceRows: 6, verifiedRows: 6, mismatches: 0 });
    });

    test('one too few is missing, one too many is extra', async () => {
      const once = "DELETE FROM plain WHERE ctid IN (SELECT ctid FROM plain WHERE a = 'a' LIMIT 1);";
      const missing = await pair.damaged('plain', once, reset);
      expect(missing).toMatchObject([{ kind: 'missing', columns: [] }]);
      const extra = await pair.damaged('plain', "INSERT INTO plain VALUES ('a', 1)", reset);
      expect(extra).toEqual([{ ...missing[0]!, kind: 'extra' }]);
    });

    test('three of one and two of another are not two of one and three of another', async () => {
      const found = await pair.damaged(
        'plain',
        `DELETE FROM plain WHERE ctid IN (SELECT ctid FROM plain WHERE a = 'a' LIMIT 1); INSERT INTO plain VALUES ('b', NULL)`,
        reset,
      );
      expect(found.map(({ kind }) => kind).sort()).toEqual(['extra', 'missing']);
    });

    test('a damaged cell shows as the row that is missing and the one that is there instead', async () => {
      const found = await pair.damaged('plain', "UPDATE plain SET a = '' WHERE a IS NULL", reset);
      expect(found.map(({ kind }) => kind).sort()).toEqual(['extra', 'missing']);
    });
  });

  test('rows that differ in their text only, not in meaning, find each other', async () => {
    await pair.onSource(
      `CREATE TABLE meaning (d double, j json, a varchar(20));
       INSERT INTO meaning VALUES (1e23, '{"b":1,"a":[1e2]}', 'x'), (1e23, '{"b":1,"a":[1e2]}', 'x'), (5e-1, '[1.0]', 'y'), (NULL, NULL, NULL);`,
    );
    await pair.plan();
    await pair.onTarget(
      `INSERT INTO meaning VALUES ('1e23', '{"a": [100], "b": 1.0}', 'x'), ('1e23', '{"a": [100], "b": 1.0}', 'x'), (0.5, '[1]', 'y'), (NULL, NULL, NULL)`,
    );
    expect(await pair.verify('meaning')).toMatchObject({ verifiedRows: 4, mismatches: 0 });
    const found = await pair.damaged(
      'meaning',
      `UPDATE meaning SET j = '[1, 1]' WHERE a = 'y'`,
      `UPDATE meaning SET j = '[1]' WHERE a = 'y'`,
    );
    expect(found.map(({ kind }) => kind).sort()).toEqual(['extra', 'missing']);
  });

  test('long JSON is compared whole', async () => {
    const long = (first: string, last: string): string => `{${first}, "z": "${'x'.repeat(20_000)}"${last}}`;
    await pair.onSource(`CREATE TABLE longer (j json); INSERT INTO longer VALUES ('${long('"a": 1E1', ', "b": 2')}');`);
    await pair.plan();
    await pair.onTarget(`INSERT INTO longer VALUES ('${long('"b": 2.0', ', "a": 10')}')`);
    expect(await pair.verify('longer')).toMatchObject({ verifiedRows: 1, mismatches: 0 });
    await pair.onTarget(`UPDATE longer SET j = '${long('"b": 2.5', ', "a": 10')}'`);
    expect(await pair.verify('longer')).toMatchObject({ verifiedRows: 0, mismatches: 2 });
  });

  describe('text made of separators', () => {
    test.each([
      ["('x|1', 'y')", "('x', '1|y')"],
      ["('x||1', 'y')", "('x|', '|1y')"],
      ["('', NULL)", "(NULL, '')"],
      ["('', '')", "('', NULL)"],
      ["('a', '')", "('', 'a')"],
      ["('1|1', '1')", "('1', '1|1')"],
      ["('|', '')", "('', '|')"],
      ["('a|1|1', 'b')", "('a', '1|1|b')"],
    ])('%s is not %s', async (source, target) => {
      await pair.onSource(
        `DROP TABLE IF EXISTS pair; CREATE TABLE pair (a varchar(20), b varchar(20)); INSERT INTO pair VALUES ${source};`,
      );
      pair.tables.delete('pair');
      await pair.onTarget('DROP TABLE IF EXISTS pair');
      await pair.plan();
      await pair.onTarget(`INSERT INTO pair VALUES ${target}`);
      expect(await pair.verify('pair')).toMatchObject({ verifiedRows: 0, mismatches: 2 });
      await pair.onTarget(`DELETE FROM pair; INSERT INTO pair VALUES ${source}`);
      expect(await pair.verify('pair')).toMatchObject({ verifiedRows: 1, mismatches: 0 });
    });

    test('different rows have different hashes, equal rows the same on both sides', async () => {
      const text = fc.option(
        fc.string({ unit: fc.constantFrom('|', '1', '2', 'a', '\\', "'", '?', ' ', 'é'), maxLength: 4 }),
      );
      const number = fc.option(fc.integer({ min: -12, max: 12 }));
      const label = fc.option(fc.constantFrom('a', 'a|b', '|', ''));
      const rows = fc.sample(fc.tuple(text, number, text, label, text, number), { numRuns: RANDOM_ROWS, seed: 7 });
      const literal = (cell: string | number | null, side: 0 | 1): string =>
        cell === null ? 'NULL' : typeof cell === 'number' ? String(cell) : texts(cell)[0]![side];
      const list = (side: 0 | 1): string[] =>
        rows.map(
          (row) =>
            `(${row.map((cell, index) => (index === 3 && side === 1 ? enumLiteral(cell) : literal(cell, side))).join(', ')})`,
        );
      await pair.onSource(
        `CREATE TABLE random (a varchar(20), n int, b text, e enum('a','a|b','|',''), c varchar(9), m smallint) CHARACTER SET utf8mb4;
         INSERT INTO random VALUES ${list(0).join(', ')};`,
      );
      await pair.plan();
      await pair.onTarget(
        list(1)
          .map((row) => `INSERT INTO random VALUES ${row};`)
          .join('\n'),
      );
      const part = { table: pair.table('random'), range: WHOLE, bucketCount: 1, buckets: null, keys: null };
      const hashes = async (side: 'source' | 'target'): Promise<string[]> =>
        (await pair[side].digestRows(part, NEVER)).map(({ hash, rows: count }) => `${hash} ${count}`).sort();
      const source = await hashes('source');
      expect(source).toHaveLength(new Set(rows.map((row) => JSON.stringify(row))).size);
      expect(await hashes('target')).toEqual(source);
    });
  });
});

/** PostgreSQL takes no expression of type text for an enum. */
function enumLiteral(cell: string | number | null): string {
  return cell === null ? 'NULL' : `'${cell}'`;
}
