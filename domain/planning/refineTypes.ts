import type { Column, Table, TableFacts } from '../catalog';
import { MigrationError } from '../errors';
import type { Requests, RequestedType } from './applyMapping';
import { whyNotConvertible } from './convertible';
import { foreignKeyGroups, type Member } from './foreignKeyGroups';
import { countCharacters, factsOf } from './lookup';
import { changed, nameAll, type ProvenMember, type SettledType } from './settledType';
import { settleIntegers } from './settleIntegers';

/**
 * Settles each column's type from its declaration, from what the data proved and from what the mapping asks for.
 * Columns that foreign keys tie together get the same type. Errors: MAPPING_INVALID for a type that cannot hold the
 * values, and for two different types asked for in one such group.
 */
export function refineTypes(
  tables: readonly Table[],
  facts: ReadonlyMap<string, TableFacts>,
  requests: Requests,
  maxLabelBytes: number,
): ReadonlyMap<Column, SettledType> {
  const settled = new Map<Column, SettledType>();
  for (const group of foreignKeyGroups(tables)) {
    const members = group.map((member) => ({
      ...member,
      facts: factsOf(facts, member.table, member.column),
      rows: facts.get(member.table.name)?.rows ?? null,
    }));
    const request = requestOf(members, requests);
    for (const member of members) {
      const type = request ? requestedType(member, request) : null;
      if (type) settled.set(member.column, type);
    }
    if (request === null) settleGroup(members, maxLabelBytes, settled);
  }
  return settled;
}

/** The one type asked for in a group. */
function requestOf(members: readonly Member[], requests: Requests): RequestedType | null {
  const found = members.flatMap(({ column }) => requests.types.get(column) ?? []);
  const [first, ...others] = found;
  const other = others.find(({ type }) => JSON.stringify(type) !== JSON.stringify(first?.type));
  if (first && other) {
    throw new MigrationError(
      'MAPPING_INVALID',
      `${first.path} asks for ${first.spelling} and ${other.path} for ${other.spelling}, but foreign keys tie these ` +
        `columns together (${nameAll(members)}): give them the same type`,
    );
  }
  return first ?? null;
}

function requestedType(member: ProvenMember, request: RequestedType): SettledType {
  const { table, column, facts } = member;
  const object = `${table.name}.${column.name}`;
  if (column.type.kind === 'unsupported') return unsupported(member, column.type.reason);
  const why = whyNotConvertible(column.type, request.type, facts);
  if (why !== null) {
    throw new MigrationError(
      'MAPPING_INVALID',
      `${request.path}: ${object} is ${column.declaredType} and cannot become ${request.spelling}: ${why}`,
    );
  }
  return {
    type: request.type,
    mappedType: request.spelling,
    finding: {
      code: 'TYPE_MAPPED',
      severity: 'info',
      object,
      source: column.declaredType,
      target: request.spelling,
      reason: `${request.path} asks for it`,
    },
  };
}

function settleGroup(members: readonly ProvenMember[], maxLabelBytes: number, settled: Map<Column, SettledType>): void {
  const kinds = new Set(members.map(({ column }) => column.type.kind));
  const settle = kinds.size === 1 ? settleKind(members, maxLabelBytes) : keepType;
  for (const member of members) settled.set(member.column, settle(member));
}

type Settle = (member: ProvenMember) => SettledType;

/** Decides for a group whose members are all of one kind. */
function settleKind(members: readonly ProvenMember[], maxLabelBytes: number): Settle {
  const first = members[0]?.column.type;
  switch (first?.kind) {
    case 'integer':
      return settleIntegers(members);
    case 'bits':
      return members.every(({ column: { type } }) => type.kind === 'bits' && type.length === 1)
        ? () => ({ type: { kind: 'boolean' }, mappedType: null, finding: null })
        : keepType;
    case 'interval':
      return members.every(({ facts }) => facts.withinDay === true) ? asTimeOfDay : asSpan;
    case 'enum':
      return settleEnums(members, maxLabelBytes);
    default:
      return keepType;
  }
}

function keepType(member: ProvenMember): SettledType {
  const { type } = member.column;
  return type.kind === 'unsupported' ? unsupported(member, type.reason) : { type, mappedType: null, finding: null };
}

function asTimeOfDay(member: ProvenMember): SettledType {
  const { type } = member.column;
  return type.kind === 'interval'
    ? { type: { kind: 'time', precision: type.precision }, mappedType: null, finding: null }
    : keepType(member);
}

function asSpan(member: ProvenMember): SettledType {
  // Only MySQL calls a span of time TIME; of a column declared an interval there is nothing to tell.
  if (!/^time/iu.test(member.column.declaredType)) return keepType(member);
  const why = member.facts.withinDay === false ? 'values lie outside' : 'the values are not proven to lie within';
  return changed(member, member.column.type, `${why} 00:00:00 to 24:00:00, so a time of day cannot hold them`);
}

/** Two enum types cannot refer to each other, and a label longer than a name does not fit into one. */
function settleEnums(members: readonly ProvenMember[], maxLabelBytes: number): Settle {
  const labels = members.flatMap(({ column: { type } }) => (type.kind === 'enum' ? type.labels : []));
  const tooLong = labels.some((label) => new TextEncoder().encode(label).length > maxLabelBytes);
  if (members.length === 1 && !tooLong) return keepType;
  const length = Math.max(1, ...labels.map((label) => countCharacters(label)));
  const reason = tooLong
    ? `a label is longer than the ${maxLabelBytes} bytes an enum type takes`
    : `foreign keys tie it to other columns (${nameAll(members)}), and one enum type cannot refer to another`;
  return (member) => changed(member, { kind: 'text', length }, `${reason}; a check keeps the labels`);
}

function unsupported({ table, column }: Member, reason: string): SettledType {
  return {
    type: column.type,
    mappedType: null,
    finding: {
      code: 'TYPE_UNSUPPORTED',
      severity: 'blocking',
      object: `${table.name}.${column.name}`,
      source: column.declaredType,
      target: '',
      reason: `${reason}; leave the table out with tables.exclude`,
    },
  };
}
