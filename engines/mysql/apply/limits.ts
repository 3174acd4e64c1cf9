import { integerRange } from '../../../domain/canonicalType';
import type { ColumnLimit, TableLimits } from '../../../domain/columnLimits';
import type { PlannedColumn, PlannedTable } from '../../../domain/plan';
import type { Server } from '../flavour';

/** What a table refuses that PostgreSQL's would take. The plan is of the migration, not of the way back. */
export function tableLimits({ targetName, columns }: PlannedTable, server: Server): TableLimits {
  const limited = columns.map((column) => ({ column: column.targetName, limits: columnLimits(column, server) }));
  return { table: targetName, columns: limited.filter(({ limits }) => limits.length > 0) };
}

const ZERO_UP: ColumnLimit = { kind: 'ranges', ranges: [['0', null]] };
const DATES: ColumnLimit = { kind: 'ranges', ranges: [['0001-01-01', '9999-12-31']] };
const MOMENTS: ColumnLimit = { kind: 'ranges', ranges: [['0001-01-01 00:00:00', '9999-12-31 23:59:59.999999']] };
const TIMES: ColumnLimit = { kind: 'ranges', ranges: [['-838:59:59', '838:59:59']] };
const YEARS: ColumnLimit = {
  kind: 'ranges',
  ranges: [
    ['0', '0'],
    ['1901', '2155'],
  ],
};

function columnLimits({ source, type, mappedType }: PlannedColumn, server: Server): ColumnLimit[] {
  const own = source.type;
  const unsigned = source.declaredType.includes('unsigned') ? [ZERO_UP] : [];
  switch (own.kind) {
    case 'integer': {
      if (type.kind === 'boolean') return [];
      const { min, max } = integerRange(own);
      return [{ kind: 'ranges', ranges: [[String(min), String(max)]] }, ...(type.kind === 'integer' ? [] : [whole])];
    }
    case 'decimal':
      // A decimal that the target chose by itself has as many digits.
      return [
        ...unsigned,
        { kind: 'finite' },
        ...(mappedType === null
          ? []
          : [{ kind: 'decimals', scale: own.scale } as const, digits(own.precision - own.scale)]),
      ];
    case 'real':
      return [...unsigned, { kind: 'finite' }, { kind: 'single' }];
    case 'double':
      return [...unsigned, { kind: 'finite' }];
    case 'date':
      return [DATES];
    case 'timestamp':
      return [own.zoned ? instants(server) : MOMENTS, { kind: 'decimals', scale: own.precision }];
    case 'interval':
      return type.kind === 'interval' ? [TIMES] : [];
    case 'year':
      return [YEARS];
    case 'inet':
      return type.kind === 'inet' ? [{ kind: 'host', version: own.version }] : [];
    case 'enum':
      // Where the target chose text by itself, it keeps the labels by itself.
      return type.kind === 'text' && mappedType !== null ? [{ kind: 'labels', labels: own.labels }] : [];
    case 'bytes':
      return type.kind === 'bytes' ? [byteLength(source.declaredType, own.length, own.fixed)] : [];
    case 'text':
      return type.kind === 'text' ? textLimits(source) : [];
    default:
      return [];
  }
}

const whole: ColumnLimit = { kind: 'decimals', scale: 0 };

function digits(count: number): ColumnLimit {
  const bound = `${count === 0 ? '0' : '9'.repeat(count)}.${'9'.repeat(30)}`;
  return { kind: 'ranges', ranges: [[`-${bound}`, bound]] };
}

/** MariaDB 11.5 has twice as many seconds. 0 is the zero date's. */
function instants({ flavour, version }: Server): ColumnLimit {
  const last = flavour === 'mariadb' && version >= 110500 ? '2106-02-07 06:28:15' : '2038-01-19 03:14:07';
  return { kind: 'ranges', ranges: [['1970-01-01 00:00:01', `${last}.999999`]] };
}

/** The bytes that each kind holds, by its name without what it is of. (MySQL manual, "Data Type Storage Requirements") */
const ROOM: Readonly<Record<string, number>> = { tiny: 255, '': 65_535, medium: 16_777_215, long: 4_294_967_295 };

function roomOf(declaredType: string): number | null {
  const kind = /^(tiny|medium|long|)(?:text|blob)\b/.exec(declaredType)?.[1];
  return kind === undefined ? null : (ROOM[kind] ?? null);
}

function byteLength(declaredType: string, length: number | null, isFixed: boolean): ColumnLimit {
  const max = length ?? roomOf(declaredType) ?? Number.MAX_SAFE_INTEGER;
  return { kind: 'length', unit: 'bytes', min: isFixed ? max : 0, max };
}

function textLimits({ declaredType, type, charset }: PlannedColumn['source']): ColumnLimit[] {
  const length = type.kind === 'text' ? type.length : null;
  const room = roomOf(declaredType);
  const unit = charset === null ? undefined : UNITS[charset];
  const ranges = charset === null ? undefined : CHARACTERS[charset];
  return [
    ...(length === null ? [] : [{ kind: 'length', unit: 'characters', min: 0, max: length } as const]),
    ...(room === null || unit === undefined ? [] : [{ kind: 'length', unit, min: 0, max: room } as const]),
    ...(/^char\b/.test(declaredType) ? [{ kind: 'noSpaceAtEnd' } as const] : []),
    ...(ranges === undefined ? [] : [{ kind: 'characters', ranges } as const]),
  ];
}

/** What a character set's texts are counted in where that is known of UTF-8, too: a byte a character, or the same bytes. */
const UNITS: Readonly<Record<string, 'characters' | 'bytes'>> = {
  ascii: 'characters',
  latin1: 'characters',
  utf8: 'bytes',
  utf8mb3: 'bytes',
  utf8mb4: 'bytes',
};

const FIRST_PLANE = [[1, 0xffff]] as const;
/** MySQL's latin1 is cp1252, with what that leaves open as it is in Unicode. */
const LATIN1 = [
  ...([
    [0x01, 0x7f],
    [0x81, 0x81],
    [0x8d, 0x8d],
    [0x8f, 0x90],
    [0x9d, 0x9d],
    [0xa0, 0xff],
  ] as const),
  ...([
    [0x152, 0x153],
    [0x160, 0x161],
    [0x178, 0x178],
    [0x17d, 0x17e],
    [0x192, 0x192],
    [0x2c6, 0x2c6],
  ] as const),
  ...([
    [0x2dc, 0x2dc],
    [0x2013, 0x2014],
    [0x2018, 0x201a],
    [0x201c, 0x201e],
    [0x2020, 0x2022],
  ] as const),
  ...([
    [0x2026, 0x2026],
    [0x2030, 0x2030],
    [0x2039, 0x203a],
    [0x20ac, 0x20ac],
    [0x2122, 0x2122],
  ] as const),
];

/** The characters of sets that have few ranges of them; a text in another set is refused by the source alone. */
const CHARACTERS: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  ascii: [[1, 0x7f]],
  latin1: LATIN1,
  utf8: FIRST_PLANE,
  utf8mb3: FIRST_PLANE,
  ucs2: FIRST_PLANE,
};
