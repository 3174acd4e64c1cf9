import { integerRange, type CanonicalType } from '../canonicalType';
import { keyColumns } from './keyColumns';
import { changed, nameAll, type ProvenMember, type SettledType } from './settledType';

type IntegerType = Extract<CanonicalType, { kind: 'integer' }>;

const SIGNED_64: IntegerType = { kind: 'integer', bits: 64, unsigned: false };
const UNSIGNED_64 = { kind: 'decimal', precision: 20, scale: 0 } as const;
const TOO_LARGE = 1n << 63n;

/**
 * Settles a group of integer columns. tinyint(1) is a boolean only where nothing but 0, 1 and NULL is stored; unsigned
 * 64-bit integers stay whole numbers of the machine only as keys proven to be small enough, and are decimals otherwise.
 */
export function settleIntegers(members: readonly ProvenMember[]): (member: ProvenMember) => SettledType {
  if (members.every(isProvenBoolean)) {
    return (member) => changed(member, { kind: 'boolean' }, `${counted(member.rows)} nothing but 0, 1 and NULL`);
  }
  const type = commonType(members);
  return (member) => {
    const reason = whyChanged(member, members, type);
    return reason === null ? { type, mappedType: null, finding: null } : changed(member, type, reason);
  };
}

function commonType(members: readonly ProvenMember[]): CanonicalType {
  if (members.some(isWide)) return isKey(members) && members.every(isBelow2To63) ? SIGNED_64 : UNSIGNED_64;
  const types = members.map(({ column }) => integerType(column.type));
  const [first = SIGNED_64] = types;
  if (types.every((type) => type.bits === first.bits && type.unsigned === first.unsigned)) {
    return { kind: 'integer', bits: first.bits, unsigned: first.unsigned };
  }
  const signedBits = Math.max(...types.map(({ bits, unsigned }) => (unsigned ? bits + 1 : bits)));
  return { kind: 'integer', bits: signedBits <= 16 ? 16 : signedBits <= 32 ? 32 : 64, unsigned: false };
}

function whyChanged(member: ProvenMember, members: readonly ProvenMember[], type: CanonicalType): string | null {
  const { table, column, facts } = member;
  const own = integerType(column.type);
  if (isWide(member)) {
    if (type.kind === 'integer')
      return `it is a key, and no value reaches 2^63 (the largest is ${facts.max ?? 'NULL'})`;
    if (!isKey(members)) return 'values may reach 2^64, and it is no key';
    return `values reach 2^63, or are not proven to stay below, in ${nameAll(members)}`;
  }
  const others = members.filter(({ column: other }) => other !== column);
  if (own.display1) {
    if (facts.min === undefined || facts.max === undefined)
      return 'its values are not proven to be 0, 1 and NULL alone';
    if (!holdsBooleans(member)) return `its values reach from ${facts.min ?? 'NULL'} to ${facts.max ?? 'NULL'}`;
    return others.length > 0
      ? `foreign keys tie it to ${nameAll(others)}`
      : `the default or the numbering of ${table.name}.${column.name} is no boolean`;
  }
  const unchanged = type.kind === 'integer' && type.bits === own.bits && type.unsigned === own.unsigned;
  return unchanged ? null : `foreign keys tie it to ${nameAll(others)}, and all of them get one type`;
}

function isProvenBoolean(member: ProvenMember): boolean {
  const { column } = member;
  const byDefault =
    column.default === null || (column.default.kind === 'literal' && /^[01]$/u.test(column.default.text));
  return integerType(column.type).display1 === true && holdsBooleans(member) && byDefault && column.identity === null;
}

function holdsBooleans({ facts: { min, max } }: ProvenMember): boolean {
  if (min === undefined || max === undefined) return false;
  return (min === null || BigInt(min) >= 0n) && (max === null || BigInt(max) <= 1n);
}

function isWide({ column }: ProvenMember): boolean {
  return integerRange(integerType(column.type)).max >= TOO_LARGE;
}

/** A foreign key, what one refers to, or part of a primary or unique key. */
function isKey(members: readonly ProvenMember[]): boolean {
  return members.length > 1 || members.some(({ table, column }) => keyColumns(table).has(column.name));
}

function isBelow2To63(member: ProvenMember): boolean {
  if (!isWide(member)) return true;
  const { facts, column } = member;
  if (facts.max === undefined) return false;
  const literal = column.default?.kind === 'literal' && /^\d+$/u.test(column.default.text) ? column.default.text : null;
  return [facts.max, literal, column.identity?.next ?? null].every(
    (value) => value === null || BigInt(value) < TOO_LARGE,
  );
}

function integerType(type: CanonicalType): IntegerType {
  return type.kind === 'integer' ? type : SIGNED_64;
}

function counted(rows: number | null): string {
  if (rows === null || rows === 0) return 'it holds';
  return rows === 1 ? 'its one row holds' : `its ${rows} rows hold`;
}
