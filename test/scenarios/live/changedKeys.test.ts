import type { ChangeStream } from '../../../engines/engine';
import { changedKeys, type ChangedTable } from '../../../pipeline/changedKeys';
import { FLAVOURS, NEVER, VerificationPair } from '../verification/pair';

const TABLES = ['parent', 'child', 'word', 'japanese'];
const SCHEMA = `
  CREATE TABLE parent (id INT PRIMARY KEY, n INT);
  CREATE TABLE child (id INT PRIMARY KEY, parent_id INT, FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE);
  CREATE TABLE word (word VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_general_ci, part INT, PRIMARY KEY (word, part));
  CREATE TABLE japanese (word VARCHAR(20) CHARACTER SET sjis PRIMARY KEY);
  CREATE TABLE other (id INT PRIMARY KEY);
  INSERT INTO parent VALUES (1, 1), (2, 2), (3, 3); INSERT INTO child VALUES (10, 1), (20, 2), (30, 2);
  INSERT INTO word VALUES ('é', 1), ('rest', 1);`;

describe.each(FLAVOURS)('the keys that were changed between two positions of a %s log', (flavour) => {
  let pair: VerificationPair;
  beforeAll(async () => {
    pair = await VerificationPair.open(flavour);
    await pair.onSource(SCHEMA);
    await pair.plan();
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  async function changedBy(sql: string): Promise<Record<string, ChangedTable>> {
    const stream = pair.source.changes as ChangeStream;
    const from = await pair.source.position();
    await pair.onSource(sql);
    const upTo = await pair.source.position();
    // Of later changes nothing is told that has not ended before.
    await pair.onSource('REPLACE INTO other VALUES (1)');
    const tables = TABLES.map((name) => pair.table(name)).map((table) => ({
      table,
      formats: pair.source.cellFormats(table),
    }));
    const changed = await changedKeys({ stream, tables, from, upTo, signal: NEVER });
    return Object.fromEntries(TABLES.map((name, place) => [name, changed[place]!]));
  }

  const NOTHING: ChangedTable = { keys: [], isWhole: false };

  test('are those before and after each change, once each, and of nothing else', async () => {
    const changed = await changedBy(
      `UPDATE parent SET n = 7 WHERE id = 1; UPDATE parent SET n = 8 WHERE id = 1; INSERT INTO parent VALUES (4, 4);
       UPDATE parent SET id = 5 WHERE id = 4; INSERT INTO word VALUES ('Ünït', 2); UPDATE word SET word = 'É' WHERE word = 'é';
       INSERT INTO other VALUES (7); BEGIN; DELETE FROM word; ROLLBACK`,
    );
    expect(changed).toEqual({
      parent: { keys: [['1'], ['4'], ['5']], isWhole: false },
      child: NOTHING,
      word: {
        keys: [
          ['Ünït', '2'],
          ['é', '1'],
          ['É', '1'],
        ],
        isWhole: false,
      },
      japanese: NOTHING,
    });
  });

  test('are none where nothing was changed', async () => {
    expect(await changedBy('DO 1')).toEqual(Object.fromEntries(TABLES.map((name) => [name, NOTHING])));
  });

  test('are told to be not all where only a server can spell one', async () => {
    expect((await changedBy("INSERT INTO japanese VALUES ('ソ')"))['japanese']).toEqual({ keys: [], isWhole: true });
  });

  test('have those with them that went with another row, or are told to be not all', async () => {
    const { parent, child } = await changedBy('DELETE FROM parent WHERE id = 2');
    expect(parent).toEqual({ keys: [['2']], isWhole: false });
    if (flavour === 'mysql') expect(child).toEqual({ keys: [['20'], ['30']], isWhole: false });
    else expect(child).toEqual({ keys: [], isWhole: true });
  });
});
