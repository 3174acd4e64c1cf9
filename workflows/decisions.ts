import { setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import type { z } from 'zod';
import { MigrationError } from '../domain/errors';
import {
  acceptSchema,
  personKey,
  approveSchema,
  pauseSchema,
  rejectSchema,
  resumeSchema,
  rollbackSchema,
  throttleSchema,
  type Rollback,
} from '../domain/messages';
import type { Phase } from '../domain/phases';
import * as messages from './messages';
import { readBody } from './readBody';
import type { MigrationRecord } from './record';
import { validated } from './validated';

/** Phases in which everything is decided. */
const ENDING: ReadonlySet<Phase> = new Set(['retire', 'compensation', 'done']);

/** One message: what its body must be, why it may not count now, and what it changes when it does. */
interface Message<Body> {
  readonly schema: z.ZodType<Body>;
  readonly refuse: (body: Body) => string | null;
  readonly take: (body: Body) => string;
}

/**
 * What people have decided. A message that comes too early, twice or in the wrong shape changes nothing; as a signal it
 * is listed as ignored with the reason, as an update it is refused with the same words.
 */
export class Decisions {
  /** What the workflow waits for; only then the decisions about it count. */
  awaiting: 'approval' | 'acceptance' | null = null;
  /** Raised while a rollback behind the switch is still possible. */
  reversible = false;
  paused = false;
  rowsPerSecond: number;
  /** Their names as given, by who they are. */
  private readonly approvedBy = new Map<string, string>();
  rejected = false;
  accepted = false;
  rollbackRequest: Rollback | null = null;
  /** A schema change of the source waits for a decision: nothing else goes on. */
  awaitsSchema = false;
  /** Whether to change the target as proposed, or to go on with what was changed there by hand. */
  schemaAnswer: 'apply' | 'done' | null = null;

  constructor(
    private readonly record: MigrationRecord,
    readonly approvalsNeeded: number,
    rowsPerSecond: number,
  ) {
    this.rowsPerSecond = rowsPerSecond;
  }

  get approved(): boolean {
    return this.approvedBy.size >= this.approvalsNeeded;
  }

  get approvers(): readonly string[] {
    return [...this.approvedBy.values()];
  }

  /** What was approved has not held. */
  forgetApprovals(): void {
    this.approvedBy.clear();
  }

  /** Whether somebody has decided about what is live. */
  isSettled(): boolean {
    return this.accepted || this.rollbackRequest !== null;
  }

  /** A pause that nobody asked for: a person must look first. */
  holdBy(by: string, reason: string): void {
    this.paused = true;
    this.note('pause', by, reason, 'paused');
  }

  /** A rollback that nobody asked for; a person's decision that came before it stands. */
  rollBackBy(by: string, reason: string): void {
    if (!this.isSettled()) this.rollback.take({ by, reason });
  }

  /** Installs every handler. Called before the first await, so that no message arrives unheard. */
  listen(): void {
    this.onSignal(messages.approveCutover, this.approval);
    this.onSignal(messages.acceptMigration, this.acceptance);
    this.onSignal(messages.requestRollback, this.rollback);
    this.onUpdate(messages.approve, this.approval);
    this.onUpdate(messages.accept, this.acceptance);
    this.onUpdate(messages.rollback, this.rollback);
    this.onSignal(messages.rejectCutover, {
      schema: rejectSchema,
      refuse: () => this.notAwaiting('approval'),
      take: ({ approver, reason }) => {
        this.rejected = true;
        return this.note('reject', approver, reason, 'rejected');
      },
    });
    this.onSignal(messages.pause, {
      schema: pauseSchema,
      refuse: () => this.unstoppable() ?? (this.paused ? 'it is paused already' : null),
      take: ({ by, reason }) => {
        this.paused = true;
        return this.note('pause', by ?? 'unnamed', reason, 'paused');
      },
    });
    this.onSignal(messages.resume, {
      schema: resumeSchema,
      refuse: ({ apply }) => this.nothingToResume(apply === true),
      take: ({ by, apply }) => {
        if (this.awaitsSchema) this.schemaAnswer = apply === true ? 'apply' : 'done';
        else this.paused = false;
        const how = this.schemaAnswer === null ? undefined : apply === true ? 'as proposed' : 'as changed by hand';
        return this.note('resume', by ?? 'unnamed', how, 'resumed');
      },
    });
    this.onSignal(messages.throttle, {
      schema: throttleSchema,
      refuse: ({ rowsPerSecond }) => this.noCopyComes() ?? this.goesAlready(rowsPerSecond),
      take: ({ rowsPerSecond }) => {
        this.rowsPerSecond = rowsPerSecond;
        return this.note(
          'throttle',
          'unnamed',
          rowsPerSecond === 0 ? 'lifted' : `${rowsPerSecond} rows a second`,
          'throttled',
        );
      },
    });
    setDefaultSignalHandler((name) => {
      this.record.ignore(
        name,
        `there is no such signal; there are ${Object.values(messages)
          .map((message) => message.name)
          .join(', ')}`,
      );
    });
  }

  private readonly approval: Message<z.infer<typeof approveSchema>> = {
    schema: approveSchema,
    refuse: ({ approver, evidence }) => {
      const notDue = this.notAwaiting('approval');
      if (notDue !== null) return notDue;
      if (evidence !== undefined && evidence !== this.record.evidence) {
        return `the evidence is now ${this.record.evidence ?? 'not there yet'}, not ${evidence}: look again before approving`;
      }
      const known = this.approvedBy.get(personKey(approver));
      return known === undefined ? null : `${known} has approved already: it takes another person`;
    },
    take: ({ approver, comment }) => {
      this.approvedBy.set(personKey(approver), approver);
      return this.note('approve', approver, comment, `approval ${this.approvedBy.size} of ${this.approvalsNeeded}`);
    },
  };

  private readonly acceptance: Message<z.infer<typeof acceptSchema>> = {
    schema: acceptSchema,
    refuse: () => (this.accepted ? 'the migration is accepted already' : this.notAwaiting('acceptance')),
    take: ({ approver, comment }) => {
      this.accepted = true;
      return this.note('accept', approver, comment, 'accepted');
    },
  };

  private readonly rollback: Message<Rollback> = {
    schema: rollbackSchema,
    refuse: () => {
      if (this.rollbackRequest !== null) return 'a rollback is under way already';
      if (this.accepted) return 'the migration is accepted: nothing is kept for a rollback any more';
      return this.reversible
        ? null
        : 'there is nothing to roll back before the cutover: rejectCutover or workflow cancel ends the migration';
    },
    take: (body) => {
      this.rollbackRequest = body;
      return this.note('rollback', body.by, body.reason, 'rolling back');
    },
  };

  private notAwaiting(what: 'approval' | 'acceptance'): string | null {
    if (this.rollbackRequest !== null) return 'a rollback is under way';
    if (this.awaiting !== what) {
      return this.record.phase === `awaiting ${what}`
        ? 'the report to decide by is not written yet: ask again in a moment'
        : `the migration is not awaiting ${what}; its phase is ${this.record.phase}`;
    }
    if (what === 'acceptance') return null;
    if (this.awaitsSchema) return 'a change of the schema must be decided first, by resume';
    if (this.rejected) return 'the migration is rejected, and what it made is undone';
    return this.approved ? 'the cutover is approved already: workflow cancel ends it' : null;
  }

  private nothingToResume(apply: boolean): string | null {
    if (!this.awaitsSchema)
      return apply ? 'no change of the schema is proposed' : this.paused ? null : 'it is not paused';
    if (this.schemaAnswer !== null) return 'it is decided already how the change of the schema is followed';
    const proposal = this.record.schemaProposal;
    return apply && proposal?.statements === null
      ? `no change of the schema is proposed (${proposal.reason}): change the target, and resume without "apply"`
      : null;
  }

  /** Why a pause would hold nothing. */
  private unstoppable(): string | null {
    const { phase } = this.record;
    const ending = this.rejected || this.rollbackRequest !== null || this.accepted;
    return ending || ENDING.has(phase)
      ? `nothing is held any more: the migration is ending, its phase is ${phase}`
      : null;
  }

  private noCopyComes(): string | null {
    const { phase } = this.record;
    return this.reversible || ENDING.has(phase) ? `nothing is copied any more; the phase is ${phase}` : null;
  }

  private goesAlready(rowsPerSecond: number): string | null {
    if (rowsPerSecond !== this.rowsPerSecond) return null;
    return rowsPerSecond === 0 ? 'it is not throttled' : `it is throttled to ${rowsPerSecond} rows a second already`;
  }

  private note(
    kind: Parameters<MigrationRecord['decide']>[0],
    by: string,
    comment: string | undefined,
    answer: string,
  ): string {
    this.record.decide(kind, by, comment);
    this.record.onChange();
    return answer;
  }

  private onSignal<Body>(signal: SignalDefinition<[unknown]>, message: Message<Body>): void {
    setHandler(signal, (given) => {
      const body = readBody(message.schema, given);
      if (body instanceof MigrationError) {
        this.record.ignore(signal.name, body.message);
        return;
      }
      const reason = message.refuse(body);
      if (reason !== null) this.record.ignore(signal.name, reason);
      else message.take(body);
    });
  }

  private onUpdate<Body>(update: UpdateDefinition<string, [unknown]>, message: Message<Body>): void {
    setHandler(update, (given) => message.take(message.schema.parse(given)), {
      validator: validated(message.schema, message.refuse),
    });
  }
}
