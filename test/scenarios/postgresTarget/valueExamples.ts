import { TEXT, decimal, integer, text, type Cell, type TargetColumn } from '../../helpers/targetRows';

interface Example {
  readonly column: Omit<TargetColumn, 'name'>;
  /** Cells that are stored as the same text, or pairs of a cell and its text. */
  readonly values: readonly (Cell | readonly [Cell, string | null])[];
  readonly expression?: string;
}

/** Its error value arrives as NULL. */
function enumOf(labels: readonly string[], native: string): Example['column'] {
  return { cell: { kind: 'enum', labels }, type: { kind: 'enum', labels }, native, policies: { invalidEnums: 'null' } };
}

/** Values at the edges of each type, and what PostgreSQL shows for them. */
export const EXAMPLES: Record<string, Example> = {
  'smallint at its ends': {
    column: { cell: { kind: 'integer' }, type: integer(16), native: 'smallint' },
    values: ['-32768', '32767', '0', ['-0', '0'], ['00042', '42'], null],
  },
  'integer at its ends': {
    column: { cell: { kind: 'integer' }, type: integer(32), native: 'integer' },
    values: ['-2147483648', '2147483647', '16777215', ['0000000042', '42'], null],
  },
  'bigint at its ends and around 2^32 and 2^53': {
    column: { cell: { kind: 'integer' }, type: integer(64), native: 'bigint' },
    values: [
      ...['-9223372036854775808', '9223372036854775807', '-9223372036854775807', '9007199254740993', '4294967295'],
      ...['4294967296', '-4294967296', '-4294967297', '-1', '999999999999999', '1000000000000000', '-1000000000000000'],
      ...['1000000000', '10000000000000000', '-9007199254740993', '9223372032559808512'],
      ['00000000000000000042', '42'],
    ],
  },
  'bigint unsigned beyond bigint, as numeric': {
    column: { cell: { kind: 'integer' }, type: integer(64, true), native: 'numeric(20,0)' },
    values: ['18446744073709551615', '9223372036854775808', '0', '10000', '99999999'],
  },
  'a year': {
    column: { cell: { kind: 'integer' }, type: { kind: 'year' }, native: 'smallint' },
    values: ['0', '1901', '2155'],
  },
  'numbers 0 and 1 as boolean': {
    column: { cell: { kind: 'integer' }, type: { kind: 'boolean' }, native: 'boolean' },
    values: [['0', 'false'], ['1', 'true'], null],
  },
  'decimals with every digit': {
    column: { cell: { kind: 'decimal' }, type: decimal(65, 30), native: 'numeric(65,30)' },
    values: [
      '99999999999999999223372036854775807.121111111111111345334523423220',
      '-99999999999999999999999999999999999.999999999999999999999999999999',
      '0.000000000000000000000000000001',
      '0.000000000000000000000000000000',
      ['-0.000000000000000000000000000000', '0.000000000000000000000000000000'],
      '10000.000100000000000000000000000000',
      null,
    ],
  },
  'decimals of other shapes': {
    column: { cell: { kind: 'decimal' }, type: decimal(10, 2), native: 'numeric(10,2)' },
    values: [
      '12345678.90',
      '-0.01',
      '0.10',
      '100.00',
      ['.5', '0.50'],
      ['7', '7.00'],
      ['7.000', '7.00'],
      ['0012.30', '12.30'],
    ],
  },
  'a decimal mapped to an integer': {
    column: { cell: { kind: 'decimal' }, type: integer(32), native: 'integer' },
    values: [['42.00', '42'], ['-7', '-7'], '0'],
  },
  'doubles by their bits': {
    column: { cell: { kind: 'double' }, type: { kind: 'double' }, native: 'double precision' },
    values: ['1.7976931348623157e+308', '5e-324', '-0', '0.1', '12345.5', '1e+20', '-1.5e-07', ['1e20', '1e+20']],
  },
  'floats by their bits': {
    column: { cell: { kind: 'double' }, type: { kind: 'real' }, native: 'real' },
    values: [
      ['0.10000000149011612', '0.1'],
      '12345.5',
      ['1.4142099618911743', '1.41421'],
      ['3.4028234663852886e38', '3.4028235e+38'],
    ],
  },
  'bits, left-padded by the source and right-padded on the wire': {
    column: { cell: { kind: 'bits', length: 20 }, type: { kind: 'bits', length: 20 }, native: 'bit(20)' },
    values: [
      [Buffer.from([0x0e, 0x38, 0xe3]), '11100011100011100011'],
      [Buffer.from([0, 0, 1]), `${'0'.repeat(19)}1`],
    ],
  },
  'all 64 bits': {
    column: { cell: { kind: 'bits', length: 64 }, type: { kind: 'bits', length: 64 }, native: 'bit(64)' },
    values: [
      [Buffer.alloc(8, 0xff), '1'.repeat(64)],
      [Buffer.alloc(8), '0'.repeat(64)],
    ],
  },
  'all 64 bits as a number': {
    column: { cell: { kind: 'bits', length: 64 }, type: integer(64, true), native: 'numeric(20,0)' },
    values: [
      [Buffer.alloc(8, 0xff), '18446744073709551615'],
      [Buffer.from('0000000000000a0b', 'hex'), '2571'],
    ],
  },
  'bits as text': {
    column: { cell: { kind: 'bits', length: 9 }, type: text(), native: 'text' },
    values: [[Buffer.from([0x01, 0x02]), '100000010']],
  },
  'one bit as boolean': {
    column: { cell: { kind: 'bits', length: 1 }, type: { kind: 'boolean' }, native: 'boolean' },
    values: [[Buffer.of(1), 'true'], [Buffer.of(0), 'false'], null],
  },
  'text as it is': {
    column: { cell: TEXT, type: text(), native: 'text' },
    values: [
      ...['', 'NULL', '\\N', '\\.', 'trailing \\', 'tab\tlf\ncrlf\r\n\b\x1a\x1b', '  spaces  ', 'quote \' " `', null],
      ...[
        'é',
        'Лорем ипсум',
        '日本語',
        '👩‍👩‍👧‍👦',
        'e\u0301',
        '\ufeffbom',
        '\u{10ffff}\ud7ff\ue000',
        'x'.repeat(300),
        'ж'.repeat(300),
      ],
    ],
  },
  'text with a limit': {
    column: { cell: TEXT, type: text(5), native: 'varchar(5)' },
    values: ['', '12345', 'жжжжж', 'ab   ', '👩👩👩👩👩'],
  },
  'text without its NUL characters': {
    column: { cell: TEXT, type: text(), native: 'text', policies: { nulCharacters: 'strip' } },
    values: [
      ['a\0b', 'ab'],
      ['\0', ''],
      [`${'ж'.repeat(200)}\0`, 'ж'.repeat(200)],
      ['1234567\0', '1234567'],
    ],
  },
  'bytes as they are': {
    column: { cell: { kind: 'bytes' }, type: { kind: 'bytes', length: null, fixed: false }, native: 'bytea' },
    values: [
      [Buffer.alloc(0), '\\x'],
      [Buffer.from('00ff5c0a0d0927', 'hex'), '\\x00ff5c0a0d0927'],
      [Buffer.alloc(300, 0xab), `\\x${'ab'.repeat(300)}`],
      null,
    ],
  },
  'a date': {
    column: { cell: { kind: 'date' }, type: { kind: 'date' }, native: 'date' },
    values: [
      '0001-01-01',
      '0018-04-01',
      '1000-01-01',
      '1582-10-10',
      '1900-02-28',
      '2000-01-01',
      '2000-02-29',
      '9999-12-31',
      null,
    ],
  },
  'zero and partial dates as NULL': {
    column: { cell: { kind: 'date' }, type: { kind: 'date' }, native: 'date', policies: { zeroDates: 'null' } },
    values: [['0000-00-00', null], ['2000-00-01', null], ['2000-01-00', null], ['0000-05-05', null], '2001-02-03'],
  },
  'a time without a zone stays as it is': {
    column: {
      cell: { kind: 'timestamp' },
      type: { kind: 'timestamp', precision: 6, zoned: false },
      native: 'timestamp(6)',
    },
    values: [
      ...['0001-01-01 00:00:00', '1999-12-31 23:59:59.999999', '2000-01-01 00:00:00', '2024-03-31 02:30:00.5'],
      ...['9999-12-31 23:59:59.999999', '1970-01-01 00:00:00.000001'],
    ],
  },
  'an instant is read in UTC': {
    column: {
      cell: { kind: 'timestamp' },
      type: { kind: 'timestamp', precision: 3, zoned: true },
      native: 'timestamp(3) with time zone',
    },
    values: [
      ['2038-01-19 03:14:07.999', '2038-01-19 03:14:07.999+00'],
      ['1970-01-01 00:00:01.000', '1970-01-01 00:00:01+00'],
    ],
  },
  'zero timestamps as NULL': {
    column: {
      cell: { kind: 'timestamp' },
      type: { kind: 'timestamp', precision: 0, zoned: false },
      native: 'timestamp(0) without time zone',
      policies: { zeroDates: 'null' },
    },
    values: [
      ['0000-00-00 00:00:00', null],
      ['2000-01-00 12:00:00', null],
    ],
  },
  'a time of day': {
    column: { cell: { kind: 'time' }, type: { kind: 'time', precision: 6 }, native: 'time(6)' },
    values: ['00:00:00', '23:59:59.999999', '24:00:00', '12:34:56.5'],
  },
  'a span of time': {
    column: { cell: { kind: 'time' }, type: { kind: 'interval', precision: 6 }, native: 'interval(6)' },
    values: [
      '-838:59:59',
      '838:59:59',
      '517:51:04.78',
      '-00:00:00.000001',
      '24:00:00',
      '00:00:00',
      '-101:02:03.5',
      ['1:02:03', '01:02:03'],
    ],
  },
  'an enum by its number': {
    column: enumOf(['a', 'b,c', "it's", 'é'], '"public"."mood"'),
    values: [['1', 'a'], ['2', 'b,c'], ['3', "it's"], ['4', 'é'], ['0', null], null],
  },
  'an empty label is a label, the error value beside it is none': {
    column: enumOf(['', 'x'], '"public"."blank"'),
    values: [['1', ''], ['0', null], ['2', 'x'], null],
  },
  'an enum as text': {
    column: { ...enumOf(['é', 'x'], 'varchar(1)'), type: text(1) },
    values: [['1', 'é'], ['0', null], null],
  },
  'a set as an array': {
    column: { cell: TEXT, type: { kind: 'set', labels: ['x', 'y', "z'", 'é'] }, native: 'text[]' },
    values: [['', '{}'], ['x', '{x}'], ["x,y,z',é", "{x,y,z',é}"], ['x', '{x}'], null],
  },
  'json by meaning, numbers with every digit': {
    column: { cell: { kind: 'json' }, type: { kind: 'json' }, native: 'jsonb' },
    values: [
      ...['18446744073709551616', '9007199254740993', '{"x": 1.0}', 'null', '"null"', '[]', '52.0', 'true', null],
      ['{"b":1,"a":[1,2],"b":2}', '{"a": [1, 2], "b": 2}'],
      ['"\\\\u0000"', '"\\\\u0000"'],
      [`{"long":"${'ж'.repeat(300)}"}`, `{"long": "${'ж'.repeat(300)}"}`],
    ],
  },
  'json without its NUL characters': {
    column: { cell: { kind: 'json' }, type: { kind: 'json' }, native: 'jsonb', policies: { nulCharacters: 'strip' } },
    values: [
      ['{"a":"x\\u0000y"}', '{"a": "xy"}'],
      ['["\\\\u0000","\\u0000\\u0000","\\\\\\u0000"]', '["\\\\u0000", "", "\\\\"]'],
    ],
  },
  'json as its very text where json is asked for': {
    column: { cell: { kind: 'json' }, type: { kind: 'json' }, native: 'json' },
    values: ['{"b":1, "a":"\\u0000"}'],
  },
  'a uuid from text': {
    column: { cell: { kind: 'uuid' }, type: { kind: 'uuid' }, native: 'uuid' },
    values: [
      'a3cda7d5-00a6-4111-8146-59127a8d5e42',
      ['A3CDA7D5-00A6-4111-8146-59127A8D5E42', 'a3cda7d5-00a6-4111-8146-59127a8d5e42'],
    ],
  },
  'a uuid from its bytes': {
    column: { cell: { kind: 'bytes' }, type: { kind: 'uuid' }, native: 'uuid' },
    values: [[Buffer.from('a3cda7d500a64111814659127a8d5e42', 'hex'), 'a3cda7d5-00a6-4111-8146-59127a8d5e42']],
  },
  'an address': {
    column: { cell: { kind: 'inet' }, type: { kind: 'inet', version: 6 }, native: 'inet' },
    expression: 'host(v)',
    values: [
      '127.0.0.1',
      '2001:7c0:710:c143:d167:6b49:d48c:2494',
      '::1',
      '::',
      '1::',
      '2001:db8::1:0',
      '::ffff:1.2.3.4',
      'fe80::1',
      '255.255.255.255',
    ],
  },
  'an address from its bytes': {
    column: { cell: { kind: 'bytes' }, type: { kind: 'inet', version: 4 }, native: 'inet' },
    expression: 'host(v)',
    values: [
      [Buffer.from([127, 0, 0, 1]), '127.0.0.1'],
      [Buffer.from('20010db8000000000000000000000001', 'hex'), '2001:db8::1'],
    ],
  },
  'anything that has a text, as text': {
    column: { cell: { kind: 'timestamp' }, type: text(), native: 'text' },
    values: ['0000-00-00 00:00:00', '2024-01-02 03:04:05'],
  },
};
