import { assert } from '../../../domain/errors';
import type { PlannedTable } from '../../../domain/plan';
import type { Session } from '../session';
import { labelKey, type LabelBytes, type SetLabels } from './layout';

/** Asks the server how it writes the labels of each SET in the column's own character set. */
export async function readLabelBytes(session: Session, tables: readonly PlannedTable[]): Promise<LabelBytes> {
  const found = new Map<string, SetLabels>();
  for (const table of tables) {
    for (const { source } of table.columns) {
      if (source.type.kind !== 'set') continue;
      const charset = source.charset ?? 'utf8mb4';
      assert(/^\w+$/.test(charset), 'the name of a character set is a word');
      const texts = [',', ...source.type.labels].map(
        (label) => `HEX(CONVERT(_utf8mb4 X'${Buffer.from(label).toString('hex')}' USING ${charset}))`,
      );
      const [row = []] = await session.query(`SELECT ${texts.join(', ')}`);
      const [comma = Buffer.from(','), ...labels] = row.map((hex) => Buffer.from(hex ?? '', 'hex'));
      found.set(labelKey(table.source.name, source.name), { labels, comma });
    }
  }
  return found;
}
