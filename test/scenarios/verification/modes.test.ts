import type { VerifiedPart } from '../../../engines/engine';
import { FLAVOURS, VerificationPair, WHOLE } from './pair';

const ROWS = 1_000;
const NUMBERS = `(SELECT a.d + 10 * b.d + 100 * c.d AS n FROM
  ${['a', 'b', 'c'].map((alias) => `(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) ${alias}`).join(', ')}) s`;

async function openFilled(flavour: (typeof FLAVOURS)[number]): Promise<VerificationPair> {
  const pair = await VerificationPair.open(flavour);
  await pair.onSource(
    `CREATE TABLE numbers (id int PRIMARY KEY, v varchar(30)); INSERT INTO numbers SELECT n, CONCAT('row ', n) FROM ${NUMBERS};
     CREATE TABLE words (k varchar(30) PRIMARY KEY, v varchar(30)); INSERT INTO words SELECT CONCAT('k', n), 'v' FROM ${NUMBERS};
     CREATE TABLE bare (a int, v varchar(30)); INSERT INTO bare SELECT n, 'v' FROM ${NUMBERS};
     CREATE TABLE nothing (id int PRIMARY KEY);`,
  );
  await pair.plan();
  await pair.onTarget(
    `INSERT INTO numbers SELECT n, concat('row ', n) FROM generate_series(0, ${ROWS - 1}) n;
     INSERT INTO words SELECT concat('k', n), 'v' FROM generate_series(0, ${ROWS - 1}) n;
     INSERT INTO bare SELECT n, 'v' FROM generate_series(0, ${ROWS - 1}) n;`,
  );
  return pair;
}

describe.each(FLAVOURS)('the modes of verification on %s', (flavour) => {
  let pair: VerificationPair;
  beforeAll(async () => {
    pair = await openFilled(flavour);
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  test('an empty table verifies', async () => {
    for (const mode of ['full', 'sample', 'counts'] as const) {
      expect(await pair.verify('nothing', 100, { mode })).toEqual({
        sourceRows: 0,
        targetRows: 0,
        verifiedRows: 0,
        mismatches: 0,
        examples: [],
      });
    }
  });

  test('counts: only numbers of rows are compared', async () => {
    await pair.onTarget("UPDATE numbers SET v = '' WHERE id = 5");
    expect(await pair.verify('numbers', 100, { mode: 'counts' })).toEqual({
      sourceRows: ROWS,
      targetRows: ROWS,
      verifiedRows: 0,
      mismatches: 0,
      examples: [],
    });
    await pair.onTarget("UPDATE numbers SET v = 'row 5' WHERE id = 5; INSERT INTO numbers VALUES (-1, ''), (-2, '')");
    expect(await pair.verify('numbers', 100, { mode: 'counts' })).toMatchObject({
      targetRows: ROWS + 2,
      mismatches: 2,
    });
    await pair.onTarget('DELETE FROM numbers WHERE id < 0');
  });

  describe('sample', () => {
    const sample = async (name: string, options: object): Promise<{ result: VerifiedPart; parts: string[] }> => {
      const parts: string[] = [];
      const result = await pair.verify(name, 50, {
        mode: 'sample',
        onPart: (part) => {
          parts.push(part);
          return Promise.resolve();
        },
        ...options,
      });
      return { result, parts };
    };

    test.each(['numbers', 'words', 'bare'])('%s: counts all rows and compares what was asked for', async (name) => {
      const { result } = await sample(name, { samplePercent: 5 });
      expect(result).toMatchObject({ sourceRows: ROWS, targetRows: ROWS, mismatches: 0 });
      expect(result.verifiedRows).toBeGreaterThanOrEqual(ROWS * 0.05);
      if (name !== 'bare') expect(result.verifiedRows).toBeLessThan(ROWS * 0.15);
    });

    test('a hundred percent is every row', async () => {
      expect((await sample('words', { samplePercent: 100 })).result).toMatchObject({ verifiedRows: ROWS });
    });

    test('the same seed takes the same parts, another seed others', async () => {
      const first = await sample('words', { seed: 'run-1' });
      expect(first.parts).not.toHaveLength(20);
      expect((await sample('words', { seed: 'run-1' })).parts).toEqual(first.parts);
      const others = await Promise.all(['run-2', 'run-3', 'run-4'].map((seed) => sample('words', { seed })));
      expect(others.some(({ parts }) => parts.join() !== first.parts.join())).toBe(true);
    });

    test('a row too many shows in the counts, whether its part was taken or not', async () => {
      await pair.onTarget("INSERT INTO words VALUES ('zzz', 'v')");
      expect((await sample('words', {})).result).toMatchObject({ targetRows: ROWS + 1, mismatches: 1 });
      await pair.onTarget("DELETE FROM words WHERE k = 'zzz'");
    });
  });

  test('each part is handed over as it is done, and what was done before is not compared again', async () => {
    const parts = new Map<string, VerifiedPart>();
    const onPart = (part: string, result: VerifiedPart): Promise<void> => {
      parts.set(part, result);
      return Promise.resolve();
    };
    const total = await pair.verify('numbers', 100, { onPart });
    expect([...parts.keys()]).toEqual(['counts', expect.stringMatching(/^chunks 0 to /)]);

    await pair.onTarget("UPDATE numbers SET v = 'damaged behind its back' WHERE id = 7");
    expect(await pair.verify('numbers', 100, { done: parts })).toEqual(total);
    expect(await pair.verify('numbers', 100)).toMatchObject({ mismatches: 1 });
    await pair.onTarget("UPDATE numbers SET v = 'row 7' WHERE id = 7");
  });

  test('rows that no chunk covers are noticed, though nobody compares them', async () => {
    const hole = [
      { after: null, upTo: ['500'] },
      { after: ['510'], upTo: null },
    ];
    expect(await pair.verify('numbers', 100, { ranges: hole })).toMatchObject({ mismatches: 0, verifiedRows: ROWS });
    const short = [{ after: null, upTo: ['989'] }];
    expect(await pair.verify('numbers', 100, { ranges: short })).toMatchObject({
      sourceRows: ROWS,
      verifiedRows: ROWS - 10,
      mismatches: 20,
    });
  });
});

describe.each(FLAVOURS)('several pairs of connections on %s', (flavour) => {
  test('share the parts of a table, each part compared once', async () => {
    await using pair = await VerificationPair.open(flavour);
    // Columns kept as JSON text make each chunk a part of its own.
    const type = flavour === 'mysql' ? 'text' : 'json';
    await pair.onSource(
      `CREATE TABLE documents (id int PRIMARY KEY, j ${type}); INSERT INTO documents SELECT n, CONCAT('{"n":', n, '}') FROM ${NUMBERS};`,
    );
    await pair.plan({ tables: { documents: { columns: { j: { type: 'jsonb' } } } } });
    await pair.onTarget(
      `INSERT INTO documents SELECT n, jsonb_build_object('n', n) FROM generate_series(0, ${ROWS - 1}) n;
       UPDATE documents SET j = '{}' WHERE id IN (1, 501, 999)`,
    );
    const more = [await pair.another(), await pair.another()];
    const parts: string[] = [];
    const onPart = (part: string): Promise<void> => {
      parts.push(part);
      return Promise.resolve();
    };
    const result = await pair.verify('documents', 100, { more, onPart });
    for (const { source, target } of more) {
      await source[Symbol.asyncDispose]();
      await target[Symbol.asyncDispose]();
    }
    expect(result).toMatchObject({ sourceRows: ROWS, verifiedRows: ROWS - 3, mismatches: 3 });
    expect(result.examples.map(({ key }) => key[0]).sort()).toEqual(['1', '501', '999']);
    expect(parts).toHaveLength(new Set(parts).size);
    expect(parts.length).toBeGreaterThanOrEqual(11);
  });
});

describe.each(FLAVOURS)('a verification on %s that cannot go on', (flavour) => {
  test('stops both sides when it is aborted', async () => {
    await using pair = await openFilled(flavour);
    const abort = new AbortController();
    const reason = new Error('enough');
    const verification = pair.verify('numbers', 100, { signal: abort.signal, heartbeat: () => abort.abort(reason) });
    await expect(verification).rejects.toBe(reason);
  });

  test('fails with the error of the side that failed', async () => {
    await using pair = await openFilled(flavour);
    await pair.onTarget('ALTER TABLE numbers RENAME v TO w');
    await expect(pair.verify('numbers', 100)).rejects.toMatchObject({
      code: 'STATEMENT_FAILED',
      message: expect.stringContaining('"v"') as string,
    });
  });

  test('a table that is not there is an error and not a mismatch', async () => {
    await using pair = await openFilled(flavour);
    await pair.onTarget('DROP TABLE words');
    await expect(pair.verify('words', 100, { ranges: [WHOLE] })).rejects.toMatchObject({ code: 'STATEMENT_FAILED' });
  });
});
