import { VerificationPair } from './pair';

describe('rows that the copy has rejected', () => {
  let pair: VerificationPair;
  beforeAll(async () => {
    pair = await VerificationPair.open('mysql');
    await pair.onSource(
      `CREATE TABLE numbers (id int PRIMARY KEY); INSERT INTO numbers VALUES (1), (2), (3), (4);
       CREATE TABLE words (w varchar(10) PRIMARY KEY); INSERT INTO words VALUES ('a'), ('b'), ('c');
       CREATE TABLE keyless (v int); INSERT INTO keyless VALUES (7), (7), (7), (8);`,
    );
    await pair.plan();
    await pair.onTarget(`INSERT INTO numbers VALUES (1), (4); INSERT INTO words VALUES ('a'), ('c');
       INSERT INTO keyless VALUES (7), (8);`);
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  test('may be missing, and no others', async () => {
    expect(await pair.verify('numbers', 1_000, { rejected: [['2'], ['3']] })).toMatchObject({
      verifiedRows: 2,
      mismatches: 0,
    });
    const { mismatches, examples } = await pair.verify('numbers', 1_000, { rejected: [['2'], ['4']] });
    expect({ mismatches, keys: examples.map(({ key }) => key) }).toEqual({ mismatches: 1, keys: [['3']] });
    expect(await pair.verify('words', 1_000, { rejected: [['b']] })).toMatchObject({ mismatches: 0 });
    expect(await pair.verify('words', 1_000, { rejected: [['B']] })).toMatchObject({ mismatches: 1 });
  });

  test('may be missing by number where their key is not known', async () => {
    expect(await pair.verify('keyless', 1_000, { rejected: [null, null] })).toMatchObject({ mismatches: 0 });
    expect(await pair.verify('keyless', 1_000, { rejected: [null] })).toMatchObject({ mismatches: 1 });
    expect(await pair.verify('words', 1_000, { rejected: [null] })).toMatchObject({ mismatches: 0 });
  });

  test('are missed when they are there after all', async () => {
    expect(await pair.verify('words', 1_000, { rejected: [['b'], ['c']] })).toMatchObject({ mismatches: 1 });
    expect(await pair.verify('keyless', 1_000, { rejected: [null, null, null] })).toMatchObject({ mismatches: 1 });
  });

  test('are left out of counts', async () => {
    const counts = { mode: 'counts' } as const;
    expect(await pair.verify('numbers', 1_000, { ...counts, rejected: [['2'], ['3']] })).toMatchObject({
      mismatches: 0,
    });
    expect(await pair.verify('numbers', 1_000, { ...counts, rejected: [['2']] })).toMatchObject({ mismatches: 1 });
  });
});
