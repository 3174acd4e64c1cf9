import { byteSize, counted, timeSpan } from './format';
import type { Risk, RiskFacts } from './risks';

type Rule = (facts: RiskFacts) => Risk | null;

/** From here on moving a table takes long enough to plan for it, and disks fill. */
const LARGE_BYTES = 10_000_000_000;

const MINUTE = 60_000;

/** Risks that come from what the input chooses and how large the tables are. */
export function risksOfSettings(facts: RiskFacts): Risk[] {
  return RULES.map((rule) => rule(facts)).filter((risk) => risk !== null);
}

const freezeLength: Rule = ({ estimate, input: { cutover } }) => {
  const paused = timeSpan(estimate.durationMs);
  const limitMs = cutover.maxFreezeSeconds === undefined ? null : cutover.maxFreezeSeconds * 1_000;
  const rehearse = 'Rehearse on a restored copy of the source and agree a maintenance window with some reserve';
  if (limitMs !== null && estimate.durationMs > limitMs / 2) {
    return {
      what: `The cutover is estimated at ${paused}, and is sent back after ${timeSpan(limitMs)} (cutover.maxFreezeSeconds).`,
      likelihood: estimate.durationMs > limitMs ? 'high' : 'medium',
      impact: 'medium',
      remedy: `${rehearse}, or raise the limit. A cutover that is sent back leaves the source as it was.`,
    };
  }
  return {
    what: `Nobody can write for the whole cutover, estimated at ${paused}; it may take longer.`,
    likelihood: estimate.durationMs > 10 * MINUTE ? 'high' : 'medium',
    impact: estimate.durationMs > 60 * MINUTE ? 'high' : estimate.durationMs > 5 * MINUTE ? 'medium' : 'low',
    remedy: `${rehearse}.${limitMs === null ? ' Set cutover.maxFreezeSeconds: without it nothing ends a freeze that takes too long.' : ''}`,
  };
};

const lossyRollback: Rule = ({ input }) =>
  input.strategy === 'bigBang'
    ? {
        what: 'A rollback after the switch does not carry back what was written on the target since.',
        likelihood: 'low',
        impact: 'high',
        remedy:
          'Test the application on the target at once and decide soon. A rollback keeps those rows in a schema of their own, to be carried over by hand.',
      }
    : null;

const noSwitch: Rule = ({ input: { cutover } }) =>
  cutover.switch.length === 0
    ? {
        what: 'No switch step is configured: the application does not go to the target by itself.',
        likelihood: 'medium',
        impact: 'medium',
        remedy:
          'Give cutover.switch, or have somebody ready to change the application by hand when acceptance is awaited.',
      }
    : null;

const switchWithoutUndo: Rule = ({ input: { cutover } }) =>
  cutover.switch.some((step) => step.kind === 'http' && step.undo === undefined)
    ? {
        what: 'An http switch step has no undo: a rollback does not send the traffic back.',
        likelihood: 'medium',
        impact: 'high',
        remedy: 'Give its undo call, or have somebody ready to switch back by hand.',
      }
    : null;

const noGrants: Rule = ({ input: { targetGrants, targetSchema } }) =>
  targetGrants.length === 0
    ? {
        what: 'The input grants the tables to nobody: the application can log on to the target, but not read or write.',
        likelihood: 'high',
        impact: 'high',
        remedy:
          `Name the application's role in targetGrants; or let it in by hand before you approve: GRANT USAGE ON SCHEMA ${targetSchema} ` +
          'and GRANT … ON ALL TABLES. The tables are there while the migration awaits approval.',
      }
    : null;

const nobodyFreezes: Rule = ({ input: { cutover } }) =>
  cutover.freeze === 'none'
    ? {
        what: 'Nothing stops writes to the source during the cutover (cutover.freeze "none").',
        likelihood: 'medium',
        impact: 'high',
        remedy: 'Stop every application and job before you approve, and see that no session is left.',
      }
    : {
        what: 'A restart of the source after the switch can make it writable again, and late writes are not on the target.',
        likelihood: 'low',
        impact: 'high',
        remedy: 'Write the read-only setting into the option file of the source right after the switch.',
      };

const partialVerification: Rule = ({ input: { verify } }) =>
  verify.mode === 'full'
    ? null
    : {
        what:
          verify.mode === 'counts'
            ? 'Only numbers of rows are compared: a wrong value goes unseen.'
            : `Only about ${verify.samplePercent} % of each table is compared: a wrong value in the rest goes unseen.`,
        likelihood: 'low',
        impact: 'high',
        remedy: 'Use verify.mode "full" where the time allows it.',
      };

const allowedDifference: Rule = ({ input: { verify } }) =>
  verify.allowedRowDifference === 0
    ? null
    : {
        what: `Up to ${counted(verify.allowedRowDifference, 'row')} of each table may differ and the cutover still goes through.`,
        likelihood: 'medium',
        impact: 'high',
        remedy: 'Set verify.allowedRowDifference to 0, or look at the mismatches before you accept.',
      };

const largeTables: Rule = ({ tables }) => {
  const large = tables.filter(({ bytes }) => bytes >= LARGE_BYTES).sort((a, b) => b.bytes - a.bytes);
  const [largest] = large;
  if (largest === undefined) return null;
  const others = large.length === 1 ? '' : ` and ${counted(large.length - 1, 'other large table')}`;
  return {
    what: `${largest.name} (${byteSize(largest.bytes)})${others} take most of the cutover: one bad row late in them costs the whole attempt.`,
    likelihood: 'medium',
    impact: 'medium',
    remedy: 'Rehearse with all rows of them. Move what is only history in a migration of its own, beforehand.',
  };
};

const diskSpace: Rule = ({ tables }) => {
  const bytes = tables.reduce((sum, table) => sum + table.bytes, 0);
  if (bytes < LARGE_BYTES) return null;
  return {
    what: `The target runs out of disk: the tables hold ${byteSize(bytes)}, and indexes and the write-ahead log come on top.`,
    likelihood: 'low',
    impact: 'medium',
    remedy: `Have about three times that free (${byteSize(3 * bytes)}), and watch it. A full disk holds the copy up until there is room.`,
  };
};

const RULES: readonly Rule[] = [
  freezeLength,
  lossyRollback,
  noSwitch,
  switchWithoutUndo,
  noGrants,
  nobodyFreezes,
  partialVerification,
  allowedDifference,
  largeTables,
  diskSpace,
];
