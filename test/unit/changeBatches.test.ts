import type { RowChange } from '../../engines/engine';
import { ChangeBatches } from '../../pipeline/changeBatches';
import { ScriptedLog } from '../helpers/scriptedLog';
import { integer, planOf } from '../helpers/targetRows';

const COLUMNS = [{ name: 'id', cell: { kind: 'integer' as const }, type: integer(32), native: 'integer' }];
const TABLES = [{ plan: planOf('t', COLUMNS), formats: COLUMNS.map(({ cell }) => cell) }];

function inserted(id: number): RowChange {
  const bytes = Buffer.from(String(id));
  const after = Int32Array.of(0, bytes.length);
  return { kind: 'insert', table: 0, bytes, before: null, after, cascadesLogged: true };
}

describe('a transaction of which an earlier attempt has applied a part', () => {
  const at = (place: number) => ScriptedLog.at(place);
  const begun = (): ChangeBatches => new ChangeBatches(TABLES, { position: at(1), within: 2 });

  test('goes on behind that part, although the log is idle before it comes', () => {
    const batches = begun();
    batches.reached(at(1));
    batches.reached(at(2));
    expect(batches.takePosition()).toBeNull();
    batches.begin(() => at(1));
    for (let id = 0; id < 5; id++) batches.change(inserted(id));
    batches.end(at(3), 7);
    const batch = batches.take();
    expect(batch).toMatchObject({
      from: { position: at(1), within: 2 },
      to: { position: at(3), within: 0 },
      changes: 3,
    });
    expect(batch?.steps[0]?.tables[0]?.rows.map(({ bytes }) => bytes.toString())).toEqual(['2', '3', '4']);
  });

  test('is no place to move from until it has ended; then every other is', () => {
    const batches = begun();
    expect(batches.takePosition()).toBeNull();
    batches.begin(() => at(1));
    batches.change(inserted(0));
    batches.change(inserted(1));
    batches.end(at(2), 7);
    expect(batches.takePosition()).toMatchObject({ from: { within: 2 }, to: { position: at(2), within: 0 } });
    batches.reached(at(4));
    expect(batches.takePosition()).toMatchObject({ from: { position: at(2) }, to: { position: at(4), within: 0 } });
    expect(batches.takePosition()).toBeNull();
  });
});
