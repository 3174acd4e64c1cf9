import { RejectedValue, type CellFormat, type RowWriter } from '../../engines/engine';
import { PaceLimiter } from '../../pipeline/pace';
import { transcodeRows } from '../../pipeline/transcodeRows';
import { TEXT, giveRow, integer, planOf, text, type Cell, type TargetColumn } from '../helpers/targetRows';
import { thrownBy } from '../helpers/thrown';

const COLUMNS: TargetColumn[] = [
  { name: 'id', cell: { kind: 'integer' }, type: integer(32), native: 'integer' },
  { name: 'name', cell: TEXT, type: text(), native: 'text' },
];

/** A writer that refuses each row, in its last column, or never takes any. */
function refusing(plan: ReturnType<typeof planOf>, pressure: Promise<void> | null = null): RowWriter {
  return {
    bytes: 0,
    begin: () => Promise.resolve(),
    end: () => Promise.resolve(0),
    abort: () => Promise.resolve(),
    pressure: () => pressure,
    row: () => {
      throw new RejectedValue('it does not fit', plan.table.columns.at(-1));
    },
  };
}

function rejection(columns: TargetColumn[], key: readonly string[] | null, row: readonly Cell[]): string {
  const plan = planOf('People', columns);
  const table = { ...plan.table, chunkKey: key };
  const cells: CellFormat[] = columns.map(({ cell }) => cell);
  const sink = transcodeRows({
    table,
    cells,
    writer: refusing(plan),
    pace: new PaceLimiter(),
    signal: new AbortController().signal,
  });
  const error = thrownBy(() => giveRow(sink, row));
  expect(error.code).toBe('ROW_REJECTED');
  return error.message;
}

test('a refused value is named by table, column, key and reason, and nothing else of the row is told', () => {
  const message = rejection(COLUMNS, ['id'], ['42', 'a secret']);
  expect(message).toBe('table People, column name, the row id = 42: it does not fit');
});

test('keys of several columns, bytes in hexadecimal, at most 100 characters of each', () => {
  const columns: TargetColumn[] = [
    { name: 'b', cell: { kind: 'bytes' }, type: { kind: 'bytes', length: 4, fixed: true }, native: 'bytea' },
    { name: 'latin', cell: { kind: 'text', charset: 'latin1' }, type: text(), native: 'text' },
    { name: 'long', cell: TEXT, type: text(), native: 'text' },
    { name: 'gbk', cell: { kind: 'text', charset: 'gbk' }, type: text(), native: 'text' },
  ];
  const row = [Buffer.from('00ff', 'hex'), Buffer.from([0xe9]), 'ж'.repeat(500), Buffer.from('c4e3', 'hex')];
  expect(rejection(columns, ['latin', 'b', 'long', 'gbk'], row)).toContain(
    `the row latin = é, b = 00ff, long = ${'ж'.repeat(100)}…, gbk = c4e3: `,
  );
});

test('without a key the row is told by its place', () => {
  expect(rejection(COLUMNS, null, ['1', 'x'])).toContain('row 1 of the chunk (the table has no key)');
});

test('an abort ends the wait for a server that takes nothing', async () => {
  const plan = planOf('t', COLUMNS);
  const abort = new AbortController();
  const sink = transcodeRows({
    table: plan.table,
    cells: COLUMNS.map(({ cell }) => cell),
    writer: refusing(plan, new Promise(() => undefined)),
    pace: new PaceLimiter(),
    signal: abort.signal,
  });
  const waiting = sink.pressure();
  const reason = new Error('cancelled');
  abort.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(sink.pressure()).rejects.toBe(reason);
});
