import { mayBeLong, type Cell } from '../../../domain/canonicalCells';
import { LONG_TEXT_BYTES } from '../../../domain/canonicalText';
import type { PlannedColumn } from '../../../domain/plan';
import { canonicalSql } from './canonicalSql';
import { contentSql, digestSql } from './rowHash';

/** The canonical text whole. */
export function wholeCell(column: PlannedColumn): Cell {
  return [canonicalSql(column)];
}

/** The canonical text, but of text that may be too long for a worker's memory its length and digest in its place. */
export function boundedCell(column: PlannedColumn): Cell {
  if (!mayBeLong(column)) return wholeCell(column);
  const length = `octet_length(${contentSql(column)})`;
  const isLong = `${length} > ${LONG_TEXT_BYTES}`;
  return [
    `case when ${isLong} then null else ${canonicalSql(column)} end`,
    `case when ${isLong} then concat(${length}, ':', ${digestSql(column)}) end`,
  ];
}
