import { amount, below, between, day, flag, moment, oneOf, preciseMoment, sometimes } from '../shop/expressions';
import { fillTables, withLanes } from '../shop/lanes';
import { column, createStatement, type ShopTable } from '../shop/table';

/** The name of the benchmark's table. */
export const MIXED_TABLE = 'mixed';

/** Thirteen columns of the usual kinds, about 230 bytes a row as text, a few of them NULL now and then. */
function mixedTable(rows: number): ShopTable {
  return {
    name: MIXED_TABLE,
    rows,
    columns: [
      column('id', 'bigint NOT NULL', 'n'),
      column('quantity', 'int NOT NULL', between('mixed quantity', -1_000_000, 1_000_000)),
      column('stock', 'smallint unsigned', sometimes('mixed stock', 95, below('mixed stock', 65536))),
      column('price', 'decimal(12,2) NOT NULL', amount('mixed price', 100_000)),
      column('ratio', 'double', `${below('mixed ratio', 1_000_000_000)} / 3e5`),
      column('code', 'varchar(40) NOT NULL', "CONCAT('item-', LPAD(n, 10, '0'))"),
      column('title', 'varchar(100)', `CONCAT(${oneOf('mixed title', TITLES)}, ' ', n)`),
      column('body', 'text', sometimes('mixed body', 90, `CONCAT(${oneOf('mixed body', BODIES)}, ' #', n)`)),
      column('day', 'date NOT NULL', day('mixed day', '1990-01-01', 14_000)),
      column('created_at', 'datetime(6) NOT NULL', preciseMoment('mixed created')),
      column('changed_at', 'timestamp NULL', sometimes('mixed changed', 90, moment('mixed changed'))),
      column('active', 'tinyint(1) NOT NULL', flag('mixed active', 80)),
      column('attributes', 'json', `CONCAT('{"n":', n, ',"tag":"', ${oneOf('mixed tag', TAGS)}, '"}')`),
    ],
    constraints: ['PRIMARY KEY (`id`)'],
    afterwards: [],
    options: 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci',
  };
}

const TITLES = ['Standing lamp', 'Großer Tisch aus Eiche', 'Étagère en bois', 'Folding chair', '軽い鍋'];
const BODIES = [
  'Made to last, easy to repair, ships next day, no plastic in the box',
  'Größe und Farbe wie abgebildet, zwei Jahre Garantie auf alles',
  'Tab\there, line\nbreak there, and a back\\slash: what real text has',
];
const TAGS = ['new', 'sale', 'grün', 'eco'];

/**
 * Creates the benchmark's table in the database that the URL names, which is created when missing, and lets the server
 * make its rows: the same rows each time.
 */
export async function loadMixedTable(url: string, rows = 2_000_000): Promise<{ durationMs: number }> {
  const started = performance.now();
  await withLanes(url, async (lanes) => {
    const table = mixedTable(rows);
    await lanes[0].query(createStatement(table));
    await fillTables(lanes, [table]);
  });
  return { durationMs: Math.round(performance.now() - started) };
}
