import type { TableFacts } from '../domain/catalog';
import type { TablePlan } from '../domain/plan';
import type { Position } from '../domain/position';
import type { AppliedPosition } from './engine';

/** One statement of a target that changes a table which holds rows. */
export interface ChangeStatement {
  readonly sql: string;
  /** A type that it makes, or removes, by its target name. */
  readonly type?: { readonly name: string; readonly is: 'made' | 'removed' };
}

/** What a target would run so that a table becomes the one that is planned anew. */
export interface ProposedChange {
  readonly plan: TablePlan;
  /** In order; none where the target's table is the planned one as it is. */
  readonly statements: readonly ChangeStatement[];
  /** Why it cannot be done exactly; empty when it can. */
  readonly problems: readonly string[];
  /** What a person should know before it is run, in sentences. */
  readonly notes: readonly string[];
}

/** What follows from a schema change of the source, all of it in one transaction. */
export interface TableChange {
  /** Where the stream stands, and behind the statement. */
  readonly from: AppliedPosition;
  readonly to: Position;
  /** Empty where a person has changed the target. */
  readonly statements: readonly ChangeStatement[];
  /** The tables' plans from now on, with what is known of their rows. */
  readonly tables: readonly { readonly plan: TablePlan; readonly facts: TableFacts | null }[];
  /** Of the source's schema as these plans have it. */
  readonly fingerprint: string;
}
