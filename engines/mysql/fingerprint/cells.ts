import { mayBeLong, type Cell } from '../../../domain/canonicalCells';
import { hashForm, LONG_TEXT_BYTES } from '../../../domain/canonicalText';
import type { PlannedColumn } from '../../../domain/plan';
import type { Flavour } from '../flavour';
import { canonicalSql } from './canonicalSql';
import { contentSql, digestSql } from './rowHash';

/** The canonical text whole. */
export function wholeCell(column: PlannedColumn, flavour: Flavour): Cell {
  const sql = canonicalSql(column, flavour);
  // What is a number to the server would be spelt by the protocol, otherwise than within an expression.
  return [hashForm(column) === 'plain' ? `CAST(${sql} AS CHAR)` : sql];
}

/** The canonical text, but of text that may be too long for a worker's memory its length and digest in its place. */
export function boundedCell(column: PlannedColumn, flavour: Flavour): Cell {
  if (!mayBeLong(column)) return wholeCell(column, flavour);
  const length = `LENGTH(${contentSql(column, flavour)})`;
  const isLong = `${length} > ${LONG_TEXT_BYTES}`;
  return [
    `IF(${isLong}, NULL, ${canonicalSql(column, flavour)})`,
    `IF(${isLong}, CONCAT(${length}, ':', ${digestSql(column, flavour)}), NULL)`,
  ];
}
