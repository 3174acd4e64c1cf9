import type { RawColumn } from './columns';
import { quoteName } from './quote';
import type { Session } from './session';
import { canonicalType } from './types';

/**
 * The labels of an enum or set whose declaration shows a question mark. The server prints its dictionary in three-byte
 * UTF-8, so that a label beyond the basic plane (an emoji) reads as "?" there and nowhere else: the rows tell what it
 * is. Null when the declaration can be trusted.
 */
export async function readDoubtfulLabels(session: Session, raw: RawColumn): Promise<readonly string[] | null> {
  if (raw.dataType !== 'enum' && raw.dataType !== 'set') return null;
  const type = canonicalType({ ...raw, dataType: raw.dataType, columnType: raw.columnType ?? '' });
  if ((type.kind !== 'enum' && type.kind !== 'set') || !type.labels.some((label) => label.includes('?'))) return null;
  const column = quoteName(raw.name ?? '');
  const rows = await session.query(
    `SELECT DISTINCT CAST(${column} AS UNSIGNED), ${column} FROM ${quoteName(raw.table ?? '')} WHERE ${column} IS NOT NULL`,
  );
  const labels = [...type.labels];
  for (const [number, text] of rows) {
    if (type.kind === 'enum') setLabel(labels, Number(number) - 1, text ?? '');
    else {
      const members = (text ?? '').split(',');
      positionsOf(BigInt(number ?? '0')).forEach((position, index) => {
        setLabel(labels, position, members[index] ?? '');
      });
    }
  }
  return labels;
}

function setLabel(labels: string[], position: number, label: string): void {
  if (position >= 0 && position < labels.length) labels[position] = label;
}

/** The positions of the bits that are set, lowest first. */
function positionsOf(mask: bigint): number[] {
  return Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => (mask >> BigInt(bit)) & 1n);
}
