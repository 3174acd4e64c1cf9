import { column, ID, table } from './build';
import { fromDefault, literal, NULL, numbered, same } from './cells';
import type { Cell, CorpusServer, CorpusTable, CurrentTime } from './types';

const NOW: CurrentTime = { currentTime: true };

const datetime = (precision: number) => `timestamp(${precision}) without time zone`;
const timestamp = (precision: number) => `timestamp(${precision}) with time zone`;
const time = (precision: number) => `time(${precision}) without time zone`;

/** An instant, given in UTC. */
function instant(value: string, expected = value): Cell {
  return literal(value, `${expected}+00`);
}

/** C6, C7, C9, C13 to C16: moments, instants and times. */
export function timeTables({ flavour }: CorpusServer): CorpusTable[] {
  return [
    moments(),
    instants(),
    instantsFromAnotherZone(),
    table({
      name: 'c_times_of_day',
      covers: ['C9'],
      columns: [
        ID,
        column('plain', "time NOT NULL DEFAULT '12:30:00'", time(0), { byDefault: '12:30:00' }),
        column('milli', 'time(3)', time(3)),
        column('micro', 'time(6)', time(6)),
      ],
      rows: numbered([
        [literal('00:00:00'), literal('00:00:00.001'), literal('00:00:00.000001')],
        [literal('23:59:59'), literal('23:59:59.999'), literal('23:59:59.999999')],
        [fromDefault('12:30:00'), literal('12:00:00.500', '12:00:00.5'), literal('12:34:56.120000', '12:34:56.12')],
        [literal('01:02:03'), NULL, NULL],
      ]),
    }),
    table({
      name: 'c_long_times',
      covers: ['C9', 'C13'],
      columns: [
        ID,
        column('plain', "time NOT NULL DEFAULT '48:00:00'", 'interval(0)', { byDefault: '48:00:00' }),
        column('centi', 'time(2)', 'interval(2)'),
        column('micro', 'time(6)', 'interval(6)'),
      ],
      rows: numbered([
        [literal('-838:59:59'), literal('517:51:04.78'), literal('-838:59:58.999999')],
        [literal('838:59:59'), literal('-517:51:04.78'), literal('838:59:59.000000', '838:59:59')],
        // MariaDB cuts what is too precise, MySQL rounds it.
        [
          literal('24:00:00'),
          literal('17:51:04.777', flavour === 'mysql' ? '17:51:04.78' : '17:51:04.77'),
          literal('-00:00:00.000001'),
        ],
        [literal('-24:00:01'), literal('-00:00:00.01'), literal('00:00:00.000000', '00:00:00')],
        [fromDefault('48:00:00'), literal('100:00:00.50', '100:00:00.5'), literal('24:00:00.000001')],
        [literal('00:00:00'), NULL, NULL],
      ]),
    }),
    table({
      name: 'c_current_defaults',
      covers: ['C14', 'C15', 'C16'],
      columns: [
        ID,
        column('precise', 'datetime(6) DEFAULT CURRENT_TIMESTAMP(6)', datetime(6), { byDefault: NOW }),
        column('instant', 'timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP', timestamp(0), { byDefault: NOW }),
        column(
          'touched',
          'timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)',
          timestamp(3),
          { byDefault: NOW },
        ),
        column('words', "varchar(40) DEFAULT 'CURRENT_TIMESTAMP'", 'character varying(40)', {
          byDefault: 'CURRENT_TIMESTAMP',
        }),
        column('null_word', "varchar(40) DEFAULT 'NULL'", 'character varying(40)', { byDefault: 'NULL' }),
      ],
      rows: numbered([
        [
          literal('2024-01-01 00:00:00.000001'),
          instant('2024-01-01 00:00:00'),
          instant('2024-01-01 00:00:00.250', '2024-01-01 00:00:00.25'),
          fromDefault('CURRENT_TIMESTAMP'),
          fromDefault('NULL'),
        ],
        [
          NULL,
          instant('2024-07-01 00:00:00'),
          instant('2024-07-01 00:00:00.000', '2024-07-01 00:00:00'),
          literal('now()'),
          NULL,
        ],
      ]),
    }),
  ];
}

function moments(): CorpusTable {
  return table({
    name: 'c_moments',
    covers: ['C6', 'C8', 'C12'],
    columns: [
      ID,
      column('seconds', "datetime NOT NULL DEFAULT '2000-01-01 00:00:00'", datetime(0), {
        byDefault: '2000-01-01 00:00:00',
      }),
      column('milli', 'datetime(3)', datetime(3)),
      column('micro', 'datetime(6)', datetime(6)),
      column('tenth', 'datetime(1)', datetime(1)),
    ],
    rows: numbered([
      [
        literal('2015-01-15 23:24:25'),
        literal('2015-01-15 23:24:25.120', '2015-01-15 23:24:25.12'),
        literal('2015-01-15 23:24:25.123456'),
        literal('2015-01-15 23:24:25.1'),
      ],
      [
        literal('9999-12-31 23:59:59'),
        literal('9999-12-31 23:59:59.999'),
        literal('9999-12-31 23:59:59.999999'),
        literal('9999-12-31 23:59:59.9'),
      ],
      [
        literal('1000-01-01 00:00:00'),
        literal('1000-01-01 00:00:00.001'),
        literal('1000-01-01 00:00:00.000001'),
        literal('1000-01-01 00:00:00.0', '1000-01-01 00:00:00'),
      ],
      [
        fromDefault('2000-01-01 00:00:00'),
        literal('1969-12-31 23:59:59.999'),
        literal('1969-12-31 23:59:59.999999'),
        NULL,
      ],
      [
        literal('2024-03-31 02:30:00'),
        literal('2024-10-27 02:30:00.000', '2024-10-27 02:30:00'),
        literal('2024-02-29 12:00:00.100000', '2024-02-29 12:00:00.1'),
        NULL,
      ],
      [literal('2000-01-01 00:00:00'), NULL, NULL, NULL],
    ]),
  });
}

function instants(): CorpusTable {
  return table({
    name: 'c_instants',
    covers: ['C7'],
    columns: [
      ID,
      column('seconds', 'timestamp NULL', timestamp(0)),
      column('micro', 'timestamp(6) NULL', timestamp(6)),
    ],
    rows: numbered([
      [instant('1970-01-01 00:00:01'), instant('1970-01-01 00:00:01.000001')],
      [instant('2038-01-19 03:14:07'), instant('2038-01-19 03:14:07.999999')],
      [instant('2024-03-31 01:30:00'), instant('2024-10-27 00:30:00.500000', '2024-10-27 00:30:00.5')],
      [NULL, NULL],
    ]),
  });
}

/** The session's zone decides what the literals mean, and nothing else. */
function instantsFromAnotherZone(): CorpusTable {
  return table({
    name: 'c_instants_elsewhere',
    covers: ['C7'],
    sessionSql: ["SET SESSION time_zone = '+05:30'"],
    columns: [ID, column('instant', 'timestamp(6) NULL', timestamp(6)), column('moment', 'datetime', datetime(0))],
    rows: [
      [same(1), literal('2024-01-01 05:30:00', '2024-01-01 00:00:00+00'), literal('2024-01-01 05:30:00')],
      [same(2), literal('2038-01-19 08:44:07.999999', '2038-01-19 03:14:07.999999+00'), literal('2038-01-19 08:44:07')],
      [same(3), literal('1970-01-01 05:30:01', '1970-01-01 00:00:01+00'), literal('1970-01-01 05:30:01')],
    ],
  });
}
