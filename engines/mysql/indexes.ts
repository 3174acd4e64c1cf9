import type { Index, IndexPart } from '../../domain/catalog';
import type { Server } from './flavour';
import { readEscapedExpression } from './literals';
import type { Session } from './session';

const PRIMARY = 'PRIMARY';

const COLUMNS = {
  table: 'TABLE_NAME',
  name: 'INDEX_NAME',
  nonUnique: 'NON_UNIQUE',
  column: 'COLUMN_NAME',
  collation: 'COLLATION',
  prefix: 'SUB_PART',
  type: 'INDEX_TYPE',
} as const;

/** What the servers call otherwise or do not have: an expression, and whether the optimizer may use the index. */
function ownColumns({ flavour, version }: Server): { expression: string; visible: string } {
  if (flavour === 'mariadb') return { expression: 'NULL', visible: "IGNORED = 'NO'" };
  return { expression: version >= 80013 ? 'EXPRESSION' : 'NULL', visible: "IS_VISIBLE = 'YES'" };
}

type RawPart = Record<keyof typeof COLUMNS | 'expression' | 'visible', string | null>;

export interface TableIndexes {
  readonly primaryKey: readonly IndexPart[] | null;
  readonly indexes: readonly Index[];
}

/** The indexes of every table of the database, by table name; within a table by name. */
export async function readIndexes(session: Session): Promise<ReadonlyMap<string, TableIndexes>> {
  const rows = await session.select(
    { ...COLUMNS, ...ownColumns(session.server) },
    'FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX',
  );
  const tables = new Map<string, Map<string, RawPart[]>>();
  for (const row of rows) {
    const indexes = getOrMake(tables, row.table ?? '', () => new Map<string, RawPart[]>());
    getOrMake(indexes, row.name ?? '', () => []).push(row);
  }
  return new Map(
    [...tables].map(([table, indexes]) => [
      table,
      {
        primaryKey: indexes.get(PRIMARY)?.map(toPart) ?? null,
        indexes: [...indexes].filter(([name]) => name !== PRIMARY).map(([name, parts]) => toIndex(name, parts)),
      },
    ]),
  );
}

/** What the name of a table's primary key's index always is. */
export { PRIMARY as PRIMARY_INDEX };

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

function toIndex(name: string, parts: readonly RawPart[]): Index {
  const [first] = parts;
  return {
    name,
    unique: first?.nonUnique === '0',
    kind: kindOf(parts),
    parts: parts.map(toPart),
    visible: first?.visible === '1',
  };
}

function kindOf(parts: readonly RawPart[]): Index['kind'] {
  const type = parts[0]?.type;
  if (type === 'FULLTEXT') return 'fulltext';
  if (type === 'SPATIAL' || type === 'RTREE') return 'spatial';
  // CAST(… AS … ARRAY) is the only expression that gives a row several entries, and ends so.
  return parts.some(({ expression }) => / array\)$/i.test(expression ?? '')) ? 'multiValued' : 'plain';
}

function toPart({ column, expression, prefix, collation, type }: RawPart): IndexPart {
  return {
    column,
    expression: expression === null ? null : readEscapedExpression(expression),
    // A spatial index reports the size of a bounding box here.
    prefix: prefix === null || type === 'SPATIAL' || type === 'RTREE' ? null : Number(prefix),
    descending: collation === 'D',
  };
}
