import fc from 'fast-check';
import type { RowChange } from '../../engines/engine';
import { LaterTables } from '../../pipeline/laterTables';
import { NetRows } from '../../pipeline/netRows';
import { ScriptedLog } from '../helpers/scriptedLog';

type Row = readonly (string | null)[];

/** Of the buffer's memory, which is the source's own again after the call, both images. */
function changeOf(before: Row | null, after: Row | null): RowChange {
  const parts = [Buffer.from('head')];
  let at = 4;
  const [first, second] = [before, after].map((row) => {
    if (row === null) return null;
    return Int32Array.from(
      row.flatMap((cell) => {
        if (cell === null) return [-1, -1];
        const bytes = Buffer.from(cell);
        parts.push(bytes);
        at += bytes.length;
        return [at - bytes.length, at];
      }),
    );
  });
  const kind = before === null ? 'insert' : after === null ? 'delete' : 'update';
  const images = { before: first ?? null, after: second ?? null };
  return { kind, table: 0, bytes: Buffer.concat(parts), ...images, cascadesLogged: true };
}

function rowOf({ bytes, cells }: { readonly bytes: Buffer; readonly cells: Int32Array }): Row {
  return Array.from({ length: cells.length / 2 }, (_, column) => {
    const [start, end] = [cells[column * 2] as number, cells[column * 2 + 1] as number];
    return start < 0 ? null : bytes.toString('utf8', start, end);
  });
}

function count(rows: readonly Row[]): Map<string, number> {
  const counted = new Map<string, number>();
  for (const row of rows) counted.set(JSON.stringify(row), (counted.get(JSON.stringify(row)) ?? 0) + 1);
  return counted;
}

/** Cells that would read alike if where one ends were not told, or NULL were a text. */
const cell = fc.constantFrom(null, '', '-', '1', '11', '1;', '-;', 'ß');
const rowsOf = (columns: number) =>
  fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { maxLength: 8 });

test('the net of any changes, made to the rows there were, is the rows there are; no row is in it twice over', () => {
  const steps = fc.array(fc.tuple(fc.nat(), fc.constantFrom('insert', 'delete', 'update'), fc.nat()), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }).chain((columns) => fc.tuple(rowsOf(columns), rowsOf(columns))),
      steps,
      ([stored, others], changes) => {
        const net = new NetRows();
        const model: Row[] = [...stored];
        let kept = 0;
        for (const [place, kind, other] of changes) {
          const at = model.length === 0 ? -1 : place % model.length;
          const before = kind === 'insert' ? null : model[at];
          const after = kind === 'delete' ? null : others[other % Math.max(1, others.length)];
          if (before === undefined || after === undefined) continue;
          const change = changeOf(before, after);
          kept += net.add(change);
          change.bytes.fill('!');
          if (before !== null) model.splice(at, 1);
          if (after !== null) model.push(after);
        }
        const { gone, fresh, rows } = net.result();
        expect(fresh).toEqual([]);
        const [removed, written] = [count(gone.map(rowOf)), count(rows.map(rowOf))];
        expect([...removed.keys()].filter((row) => written.has(row))).toEqual([]);
        const applied = count(stored);
        for (const [row, times] of removed) {
          const left = (applied.get(row) ?? 0) - times;
          expect(left).toBeGreaterThanOrEqual(0);
          if (left === 0) applied.delete(row);
          else applied.set(row, left);
        }
        for (const [row, times] of written) applied.set(row, (applied.get(row) ?? 0) + times);
        expect(applied).toEqual(count(model));
        const distinct = [...new Set([...gone, ...rows])];
        expect(kept).toBe(distinct.reduce((sum, { bytes }) => sum + bytes.length, 0));
      },
    ),
  );
});

test('a table waits until the stream stands at the position at which it was read, and never again', () => {
  const log = new ScriptedLog([]);
  const later = new LaterTables(new Map([[0, ScriptedLog.at(3)]]), (...positions) => log.contains(...positions));
  const passes = [1, 2, 3, 4].map((place) => {
    later.begin(() => ScriptedLog.at(place));
    return [later.has(0), later.has(1)];
  });
  expect(passes).toEqual([
    [true, false],
    [true, false],
    [false, false],
    [false, false],
  ]);
});
