import type { Cell, TargetColumn } from './targetRows';
import { REJECT, planOf } from './targetRows';
import { CopyBuffer, RowBytes } from '../../engines/postgres/copyBuffer';
import { compileEncoder } from '../../engines/postgres/encode';
import type { CellEncoder } from '../../engines/postgres/encode/encoder';

export type ColumnOf = Omit<TargetColumn, 'name'>;

export function encoderOf(column: ColumnOf): CellEncoder {
  const { table } = planOf('t', [{ name: 'v', ...column, policies: { ...REJECT, ...column.policies } }]);
  return compileEncoder(column.cell, table.columns[0]!, column.native, 't.v');
}

/** The field, its length word included, that a cell becomes; fails where it needs more room than it said. */
export function encodeCell(column: ColumnOf, cell: NonNullable<Cell>): Buffer {
  const encoder = encoderOf(column);
  const bytes = Buffer.from(cell);
  const out = new CopyBuffer(encoder.fixed + encoder.perByte * bytes.length);
  encoder.encode(out, new RowBytes().load(bytes), 0, bytes.length);
  return out.bytes.subarray(0, out.at);
}
