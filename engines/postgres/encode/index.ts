import type { CanonicalType } from '../../../domain/canonicalType';
import { MigrationError } from '../../../domain/errors';
import type { PlannedColumn, ValuePolicies } from '../../../domain/plan';
import type { CellFormat } from '../../engine';
import { charsetNamed, type Charset } from '../charset';
import { bitFromBits, booleanFromBits, integerFromBits, textFromBits } from './bits';
import { byteaFromBytes } from './bytes';
import {
  dateFromDate,
  dateFromTimestamp,
  intervalFromTime,
  timeFromTime,
  timestampFromDate,
  timestampFromTimestamp,
} from './datetime';
import type { CellEncoder } from './encoder';
import { textFromEnum } from './enums';
import { float4FromDouble, float8FromDecimal, float8FromDouble, numericFromDouble } from './floats';
import { inetFromBytes, inetFromText } from './inet';
import { booleanFromInteger, int2FromInteger, int4FromInteger, int8FromInteger, integerFromDecimal } from './integers';
import { jsonbFromJson } from './json';
import { numericFromDecimal } from './numeric';
import { arrayFromSet, textFromAscii, textFromText } from './text';
import { uuidFromBytes, uuidFromText } from './uuid';
import { naturalWire, wireOf, type Wire } from './wire';

/** What is known of a column when its encoder is compiled. */
interface Context<Kind extends CellFormat['kind']> {
  readonly cell: Extract<CellFormat, { kind: Kind }>;
  readonly type: CanonicalType;
  readonly policies: ValuePolicies;
  readonly charset: Charset;
}

/** Which binary forms each format of cells can take; what is not here is refused when it is compiled. */
type Matrix = {
  readonly [Kind in CellFormat['kind']]: Readonly<
    Partial<Record<Wire, (context: Context<Kind>) => CellEncoder | null>>
  >;
};

const lengthOf = ({ type }: { readonly type: CanonicalType }) => (type.kind === 'text' ? type.length : null);
const scaleOf = ({ type }: { readonly type: CanonicalType }) => (type.kind === 'decimal' ? type.scale : 0);
const precisionOf = ({ type }: { readonly type: CanonicalType }) => ('precision' in type ? type.precision : 6);
const asciiText = (context: { readonly type: CanonicalType }) => textFromAscii(byteaFromBytes, lengthOf(context));

const MATRIX: Matrix = {
  integer: {
    bool: () => booleanFromInteger,
    int2: () => int2FromInteger,
    int4: () => int4FromInteger,
    int8: () => int8FromInteger,
    numeric: (context) => numericFromDecimal(scaleOf(context)),
    float8: () => float8FromDecimal,
    text: asciiText,
  },
  decimal: {
    int2: () => integerFromDecimal(int2FromInteger),
    int4: () => integerFromDecimal(int4FromInteger),
    int8: () => integerFromDecimal(int8FromInteger),
    numeric: (context) => numericFromDecimal(scaleOf(context)),
    float8: () => float8FromDecimal,
    text: asciiText,
  },
  double: {
    float4: () => float4FromDouble,
    float8: () => float8FromDouble,
    numeric: (context) => numericFromDouble(scaleOf(context)),
    text: asciiText,
  },
  bits: {
    bit: ({ cell, type }) => (type.kind === 'bits' && type.length === cell.length ? bitFromBits(cell.length) : null),
    bool: ({ cell }) => (cell.length === 1 ? booleanFromBits : null),
    int2: ({ cell }) => integerFromBits(cell.length, int2FromInteger),
    int4: ({ cell }) => integerFromBits(cell.length, int4FromInteger),
    int8: ({ cell }) => integerFromBits(cell.length, int8FromInteger),
    numeric: (context) => integerFromBits(context.cell.length, numericFromDecimal(scaleOf(context))),
    bytea: () => byteaFromBytes,
    text: ({ cell }) => textFromBits(cell.length),
  },
  text: {
    text: (context) => textFromText(context.charset, lengthOf(context), context.policies.nulCharacters),
    textArray: ({ charset, type }) => (type.kind === 'set' ? arrayFromSet(charset, type.labels) : null),
    json: ({ charset, policies }) => textFromText(charset, null, policies.nulCharacters),
    jsonb: ({ charset, policies }) => jsonbFromJson(charset, policies.nulCharacters),
    uuid: () => uuidFromText,
    inet: () => inetFromText,
  },
  enum: {
    text: (context) => textFromEnum(context.cell, lengthOf(context), context.policies),
  },
  bytes: {
    bytea: () => byteaFromBytes,
    uuid: () => uuidFromBytes,
    inet: () => inetFromBytes,
  },
  json: {
    json: ({ charset, policies }) => textFromText(charset, null, policies.nulCharacters),
    jsonb: ({ charset, policies }) => jsonbFromJson(charset, policies.nulCharacters),
    text: (context) => textFromText(context.charset, lengthOf(context), context.policies.nulCharacters),
  },
  date: {
    date: ({ policies }) => dateFromDate(policies.zeroDates),
    timestamp: ({ policies }) => timestampFromDate(policies.zeroDates),
    text: asciiText,
  },
  timestamp: {
    timestamp: (context) => timestampFromTimestamp(context.policies.zeroDates, precisionOf(context)),
    date: ({ policies }) => dateFromTimestamp(policies.zeroDates),
    text: asciiText,
  },
  time: {
    time: (context) => timeFromTime(precisionOf(context)),
    interval: (context) => intervalFromTime(precisionOf(context)),
    text: asciiText,
  },
  uuid: {
    uuid: () => uuidFromText,
    bytea: () => uuidFromText,
    text: asciiText,
  },
  inet: {
    inet: () => inetFromText,
    text: asciiText,
  },
};

/** True when the target can write cells of this format into its natural type for a canonical one. */
export function canEncode(cell: CellFormat, type: CanonicalType): boolean {
  const policies: ValuePolicies = { zeroDates: 'reject', nulCharacters: 'reject', invalidEnums: 'reject' };
  const wire = naturalWire(type);
  return wire !== null && encoderFor(cell, type, policies, wire) !== null;
}

/** Compiles what writes a column's cells. `place` names the column in the error. */
export function compileEncoder(
  cell: CellFormat,
  column: PlannedColumn,
  nativeType: string,
  place: string,
): CellEncoder {
  const wire = wireOf(nativeType, column.type);
  const encoder = wire && encoderFor(cell, column.type, column.policies, wire);
  if (encoder) return encoder;
  const format = cell.kind === 'text' ? `text in ${cell.charset}` : cell.kind;
  throw new MigrationError(
    'MAPPING_INVALID',
    `${place}: ${format} (${column.source.declaredType}) cannot be written into ${nativeType}; map the column to another type`,
  );
}

function encoderFor(cell: CellFormat, type: CanonicalType, policies: ValuePolicies, wire: Wire): CellEncoder | null {
  const charset = charsetNamed(cell.kind === 'text' ? cell.charset : 'utf8mb4', policies.nulCharacters);
  // The row of the matrix is chosen by the very cell that is then given to it, which the type system cannot follow.
  const compile = MATRIX[cell.kind][wire] as ((context: Context<CellFormat['kind']>) => CellEncoder | null) | undefined;
  return charset && compile ? compile({ cell, type, policies, charset }) : null;
}
