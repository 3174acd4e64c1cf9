import { isAtLeast } from '../../../scripts/shop/flavour';
import { column, ID, table } from './build';
import { bytes, fromDefault, literal, NULL, numbered, text } from './cells';
import type { Cell, CorpusServer, CorpusTable } from './types';

const EVERY_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0')).join('');
const KIBIBYTE = EVERY_BYTE.repeat(4);

/** E1 to E5: bytes. */
export function binaryTables(): CorpusTable[] {
  return [
    table({
      name: 'e_binary',
      covers: ['E1', 'E2', 'E3'],
      columns: [
        ID,
        column('sixteen', 'binary(16)', 'bytea'),
        column('three', "binary(3) NOT NULL DEFAULT 'a'", 'bytea', { byDefault: '\\x610000' }),
        column('address', 'varbinary(16)', 'bytea'),
        column('defaulted', 'varbinary(8) DEFAULT 0x00FF5C27', 'bytea', { byDefault: '\\x00ff5c27' }),
      ],
      rows: numbered([
        [bytes('A3CDA7D500A64111814659127A8D5E42'), bytes('C5C5C5'), bytes('7F000001'), fromDefault('\\x00ff5c27')],
        [
          bytes('41', `41${'00'.repeat(15)}`),
          bytes('41', '410000'),
          bytes('200107C00710C143D1676B49D48C2494'),
          bytes(''),
        ],
        [bytes('00'.repeat(16)), bytes('', '000000'), bytes('0000'), bytes('00')],
        [bytes(`41${'00'.repeat(14)}42`), bytes('414200'), bytes('4100'), bytes('5C7830')],
        [bytes('FF'.repeat(16)), fromDefault('\\x610000'), NULL, NULL],
        [NULL, bytes('202020'), bytes(''), bytes('2020')],
      ]),
    }),
    table({
      name: 'e_blobs',
      covers: ['E4', 'E5'],
      columns: [
        ID,
        column('tiny', 'tinyblob', 'bytea'),
        column('plain', 'blob', 'bytea'),
        column('medium', 'mediumblob', 'bytea'),
        column('big', 'longblob', 'bytea'),
      ],
      rows: numbered([
        [
          bytes('00FF5C0A0D09'),
          bytes(EVERY_BYTE),
          bytes(KIBIBYTE),
          [`REPEAT(X'${KIBIBYTE}', 1536)`, `\\x${KIBIBYTE.repeat(1536)}`],
        ],
        [
          bytes(''),
          ["'Automated tests...'", `\\x${Buffer.from('Automated tests...').toString('hex')}`],
          NULL,
          bytes('5C2E0A'),
        ],
        [bytes('5C4E'), NULL, [`REPEAT(X'${KIBIBYTE}', 96)`, `\\x${KIBIBYTE.repeat(96)}`], NULL],
        [NULL, NULL, NULL, NULL],
      ]),
    }),
  ];
}

/** E6 and E7: what only MariaDB has. */
export function mariadbTables({ version }: CorpusServer): CorpusTable[] {
  const compressed: CorpusTable = table({
    name: 'e_compressed',
    covers: ['E7'],
    columns: [
      ID,
      column('prose', 'text COMPRESSED', 'text'),
      column('short', 'varchar(1000) COMPRESSED', 'character varying(1000)'),
      column('bytes', 'blob COMPRESSED', 'bytea'),
    ],
    rows: numbered([
      [
        ["REPEAT('squeezed ', 5000)", 'squeezed '.repeat(5000)],
        ["REPEAT('é', 900)", 'é'.repeat(900)],
        [`REPEAT(X'${EVERY_BYTE}', 40)`, `\\x${EVERY_BYTE.repeat(40)}`],
      ],
      [text(''), text('short'), bytes('00')],
      [NULL, NULL, NULL],
    ]),
  });
  return [compressed, ...addressTables(version)];
}

/** PostgreSQL says of every address how long its network part is. */
function address(value: string): Cell {
  return literal(value, `${value}/128`);
}

function addressTables(version: string): CorpusTable[] {
  const inet6 = table({
    name: 'e_inet6',
    covers: ['E6'],
    columns: [ID, column('address', "inet6 DEFAULT '::1'", 'inet', { byDefault: '::1/128' })],
    rows: numbered([
      [address('2001:7c0:710:c143:d167:6b49:d48c:2494')],
      [address('::')],
      [address('::1')],
      [literal('2001:DB8:0:0::1', '2001:db8::1/128')],
      [address('fe80::1:0:0:1')],
      [address('::ffff:192.0.2.1')],
      [address('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')],
      [fromDefault('::1/128')],
      [NULL],
    ]),
  });
  const uuids = [
    'a3cda7d5-00a6-4111-8146-59127a8d5e42',
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
    '01890a5d-ac96-774b-bcce-b302099a8057',
  ];
  const uuid = table({
    name: 'e_uuid',
    covers: ['E6'],
    columns: [column('id', 'uuid NOT NULL', 'uuid'), column('other', 'uuid', 'uuid')],
    rows: uuids.map((each, index): Cell[] => [
      literal(each),
      index === 0 ? literal('A3CDA7D500A64111814659127A8D5E42', each) : NULL,
    ]),
  });
  const inet4 = table({
    name: 'e_inet4',
    covers: ['E6'],
    columns: [column('address', 'inet4 NOT NULL', 'inet'), column('other', 'inet4', 'inet')],
    rows: ['127.0.0.1', '0.0.0.0', '255.255.255.255', '10.0.0.255'].map((each): Cell[] => [
      literal(each, `${each}/32`),
      NULL,
    ]),
  });
  return [inet6, ...(isAtLeast(version, '10.7') ? [uuid] : []), ...(isAtLeast(version, '10.10') ? [inet4] : [])];
}
