import { column, ID, table } from './build';
import { fromDefault, literal, NULL, numbered, same, text, zeroDate } from './cells';
import type { Cell, CorpusTable } from './types';

const DATE = 'date';
const DATETIME = 'timestamp(0) without time zone';
const TIMESTAMP = 'timestamp(0) with time zone';

/** A date that no calendar has and that only a server told to allow invalid dates stores. */
const NO_SUCH_DAY: Cell = ["'2023-02-30'", { rejected: 'always' }];

/** C1 to C5, C10 to C12: dates, years, and the dates that are none. */
export function dateTables(): CorpusTable[] {
  return [
    table({
      name: 'c_dates',
      covers: ['C8', 'C10', 'C11', 'C12'],
      columns: [
        ID,
        column('day', "date NOT NULL DEFAULT '2001-02-03'", DATE, { byDefault: '2001-02-03' }),
        column('moment', 'datetime', DATETIME),
        column('made', "year DEFAULT '2024'", 'smallint', { byDefault: '2024' }),
      ],
      rows: numbered([
        [literal('9999-12-31'), literal('9999-12-31 23:59:59'), same(2155)],
        [literal('1000-01-01'), literal('1000-01-01 00:00:00'), same(1901)],
        [literal('0001-01-01'), literal('0001-01-01 00:00:00'), ['0', '0']],
        [literal('18-04-01', '2018-04-01'), literal('2024-03-31 02:30:00'), literal('18', '2018')],
        [literal('0018-04-01'), literal('0018-04-01 12:00:00'), literal('78', '1978')],
        [literal('2024-02-29'), literal('2024-02-29 23:59:59'), literal('0018', '2018')],
        [literal('1900-02-28'), literal('1582-10-10 10:10:10'), literal('0', '2000')],
        [literal('1970-01-01'), literal('1969-12-31 23:59:59'), literal('0000', '0')],
        [fromDefault('2001-02-03'), NULL, fromDefault('2024')],
        [literal('1999-12-31'), NULL, NULL],
      ]),
    }),
    table({
      name: 'c_zero_dates',
      covers: ['C1', 'C4'],
      columns: [
        ID,
        column('day', 'date', DATE),
        column('moment', 'datetime', DATETIME),
        column('precise', 'datetime(6)', 'timestamp(6) without time zone'),
        column('instant', 'timestamp NULL', TIMESTAMP),
      ],
      rows: numbered([
        [
          zeroDate('0000-00-00'),
          zeroDate('0000-00-00 00:00:00'),
          zeroDate('0000-00-00 00:00:00.000000'),
          zeroDate('0000-00-00 00:00:00'),
        ],
        [zeroDate('2000-00-01'), zeroDate('2000-00-01 00:00:00'), zeroDate('2000-00-01 12:00:00.500000'), NULL],
        [
          zeroDate('2000-01-00'),
          zeroDate('2000-01-00 23:59:59'),
          NULL,
          literal('2000-01-01 00:00:00', '2000-01-01 00:00:00+00'),
        ],
        [zeroDate('0001-00-00'), zeroDate('0000-01-01 10:00:00'), NULL, NULL],
        [zeroDate('0000-01-01'), NULL, NULL, NULL],
        [literal('2000-01-01'), literal('2000-01-01 00:00:00'), NULL, NULL],
        [NULL, NULL, NULL, NULL],
      ]),
    }),
    table({
      name: 'c_zero_dates_not_null',
      covers: ['C2', 'C3'],
      columns: [
        ID,
        column('day', "date NOT NULL DEFAULT '0000-00-00'", DATE, { byDefault: null }),
        column('moment', "datetime NOT NULL DEFAULT '0000-00-00 00:00:00'", DATETIME, { byDefault: null }),
        column('instant', "timestamp NOT NULL DEFAULT '0000-00-00 00:00:00'", TIMESTAMP, { byDefault: null }),
        column('clean', 'datetime NOT NULL', DATETIME),
      ],
      rows: numbered([
        [
          zeroDate('0000-00-00'),
          zeroDate('0000-00-00 00:00:00'),
          zeroDate('0000-00-00 00:00:00'),
          literal('2024-01-01 00:00:00'),
        ],
        [
          literal('2024-01-01'),
          literal('2024-01-01 00:00:00'),
          literal('2024-01-01 00:00:00', '2024-01-01 00:00:00+00'),
          literal('2024-01-02 00:00:00'),
        ],
      ]),
    }),
    table({
      name: 'c_zero_default_only',
      covers: ['C3'],
      // No row holds one, so nothing is rejected; the default is a finding.
      columns: [
        ID,
        column('moment', "datetime DEFAULT '0000-00-00 00:00:00'", DATETIME, { byDefault: null }),
        column('instant', "timestamp NULL DEFAULT '0000-00-00 00:00:00'", TIMESTAMP, { byDefault: null }),
      ],
      rows: numbered([
        [literal('2024-01-01 00:00:00'), literal('2024-01-01 00:00:00', '2024-01-01 00:00:00+00')],
        [NULL, NULL],
      ]),
    }),
    table({
      name: 'c_zero_date_key',
      covers: ['C5'],
      columns: [column('day', 'date NOT NULL', DATE), column('note', 'varchar(20)', 'character varying(20)')],
      rows: [
        [zeroDate('0000-00-00'), text('no day')],
        [literal('2024-01-01'), text('a day')],
      ],
    }),
    table({
      name: 'c_no_such_day',
      covers: ['C4'],
      sessionSql: ["SET SESSION sql_mode = 'ALLOW_INVALID_DATES'"],
      columns: [ID, column('day', 'date', DATE)],
      rows: numbered([[NO_SUCH_DAY], [literal('2023-02-28')]]),
    }),
  ];
}
