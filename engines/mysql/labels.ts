import type { RawColumn } from './columns';
import { quoteName } from './quote';
import type { Session } from './session';
import { canonicalType } from './types';

/** The labels of an enum or set, and the numbers of those, from 1, that no row has shown. */
export interface Labels {
  readonly labels: readonly string[];
  readonly unread: readonly number[];
}

/**
 * The labels of an enum or set whose declaration shows a question mark. The server prints its dictionary in three-byte
 * UTF-8, so that a label beyond the basic plane (an emoji) reads as "?" there and nowhere else: the rows tell what it
 * is. Null when the declaration can be trusted.
 */
export async function readDoubtfulLabels(session: Session, raw: RawColumn): Promise<Labels | null> {
  if (raw.dataType !== 'enum' && raw.dataType !== 'set') return null;
  const type = canonicalType({ ...raw, dataType: raw.dataType, columnType: raw.columnType ?? '' });
  if ((type.kind !== 'enum' && type.kind !== 'set') || !type.labels.some((label) => label.includes('?'))) return null;
  const column = quoteName(raw.name ?? '');
  // Grouped by number: by collation, one emoji is often as good as another.
  const rows = await session.query(
    `SELECT CAST(${column} AS UNSIGNED) AS number, MIN(HEX(CONVERT(${column} USING utf8mb4)))
     FROM ${quoteName(raw.table ?? '')} WHERE ${column} IS NOT NULL GROUP BY number`,
  );
  const labels = [...type.labels];
  const unread = new Set(labels.flatMap((label, index) => (label.includes('?') ? [index + 1] : [])));
  for (const [number, hex] of rows) {
    const text = Buffer.from(hex ?? '', 'hex').toString('utf8');
    if (type.kind === 'enum') {
      setLabel(labels, Number(number) - 1, text);
      unread.delete(Number(number));
    } else {
      const members = text.split(',');
      positionsOf(BigInt(number ?? '0')).forEach((position, index) => {
        setLabel(labels, position, members[index] ?? '');
      });
    }
  }
  // A set's members come as text, so what they are called here matters to nobody.
  return { labels, unread: type.kind === 'enum' ? [...unread] : [] };
}

function setLabel(labels: string[], position: number, label: string): void {
  if (position >= 0 && position < labels.length) labels[position] = label;
}

/** The positions of the bits that are set, lowest first. */
function positionsOf(mask: bigint): number[] {
  return Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => (mask >> BigInt(bit)) & 1n);
}
