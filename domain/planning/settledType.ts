import type { CanonicalType } from '../canonicalType';
import type { ColumnFacts } from '../catalog';
import type { Finding } from '../finding';
import { describeType } from './describeType';
import type { Member } from './foreignKeyGroups';

/** The type a column gets, and what a person should know about it. */
export interface SettledType {
  readonly type: CanonicalType;
  /** The target's own spelling, where the mapping gives one. */
  readonly mappedType: string | null;
  readonly finding: Finding | null;
}

/** A member with what is proven about it. */
export interface ProvenMember extends Member {
  readonly facts: ColumnFacts;
  readonly rows: number | null;
}

/** A settled type that differs from what the declaration suggests. */
export function changed({ table, column }: Member, type: CanonicalType, reason: string): SettledType {
  return {
    type,
    mappedType: null,
    finding: {
      code: 'TYPE_CHANGED',
      severity: 'info',
      object: `${table.name}.${column.name}`,
      source: column.declaredType,
      target: describeType(type),
      reason,
    },
  };
}

export function nameAll(members: readonly Member[]): string {
  return members.map(({ table, column }) => `${table.name}.${column.name}`).join(', ');
}
