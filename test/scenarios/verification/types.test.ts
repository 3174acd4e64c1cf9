import { unhashedColumns } from '../../../domain/rowKey';
import { CORPUS } from './corpus';
import { FLAVOURS, NEVER, VerificationPair, WHOLE } from './pair';

describe.each(FLAVOURS)('the values of every type on %s', (flavour) => {
  const corpus = CORPUS.filter(({ only = flavour }) => only === flavour);
  let pair: VerificationPair;

  beforeAll(async () => {
    pair = await VerificationPair.open(flavour);
    for (const { name, type, values } of corpus) {
      const rows = [...values.map(([source]) => source), 'NULL'].map((value, index) => `(${index + 1}, ${value})`);
      await pair.onSource(
        `CREATE TABLE ${name}_ (id int PRIMARY KEY, v ${type}) CHARACTER SET utf8mb4; INSERT INTO ${name}_ VALUES ${rows.join(', ')};`,
      );
    }
    await pair.plan();
    for (const { name, values } of corpus) {
      const rows = [...values.map(([, target]) => target), 'NULL'].map((value, index) => `(${index + 1}, ${value})`);
      // One statement a row: rows of one VALUES list would have to be of one type.
      await pair.onTarget(rows.map((row) => `INSERT INTO ${name}_ VALUES ${row};`).join('\n'));
    }
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  test.each(corpus.map(({ name }) => name))('%s: the same values on both sides verify', async (name) => {
    const values = corpus.find((entry) => entry.name === name)!.values.length + 1;
    expect(await pair.verify(`${name}_`)).toEqual({
      sourceRows: values,
      targetRows: values,
      verifiedRows: values,
      mismatches: 0,
      examples: [],
    });
  });

  test('the same values give the same hashes, but for those listed as the same by meaning only', async () => {
    const differing: Record<string, number[]> = {};
    for (const { name } of corpus) {
      const part = { table: pair.table(`${name}_`), range: WHOLE, bucketCount: 1, buckets: null, keys: null };
      const hashes = await Promise.all(
        [pair.source, pair.target].map(async (side) => {
          const rows = await side.digestRows(part, NEVER);
          return new Map(rows.map(({ key, hash }) => [Number(key[0]), hash]));
        }),
      );
      const places = [...hashes[0]!].filter(([id, hash]) => hashes[1]!.get(id) !== hash).map(([id]) => id - 1);
      if (places.length > 0) differing[name] = places.sort((a, b) => a - b);
    }
    const hashed = corpus.filter(({ name }) => unhashedColumns(pair.table(`${name}_`)).length === 0);
    const expected = hashed.flatMap(({ name, byMeaning }) => (byMeaning ? [[name, byMeaning]] : []));
    expect(differing).toEqual(Object.fromEntries(expected));
  });

  const damages = corpus.flatMap(({ name, values, damages: of }) => [
    ...Object.entries(of).flatMap(([place, expressions]) =>
      expressions.map((expression) => ({ name, id: Number(place) + 1, expression, right: values[Number(place)]![1] })),
    ),
    { name, id: 1, expression: 'NULL', right: values[0]![1] },
    { name, id: values.length + 1, expression: values[0]![1], right: 'NULL' },
  ]);

  test.each(damages)(
    '$name $id: $expression in its place is found and named',
    async ({ name, id, expression, right }) => {
      const set = (value: string): string => `UPDATE ${name}_ SET v = ${value} WHERE id = ${id}`;
      expect(await pair.damaged(`${name}_`, set(expression), set(right))).toEqual([
        { key: [String(id)], kind: 'different', columns: ['v'] },
      ]);
    },
  );
});
