/** The phases of databaseMigration, in their order; see docs/ARCHITECTURE.md for what each does and undoes. */
export const PHASES = [
  'preflight',
  'assessment',
  'plan',
  'prepareTarget',
  'awaiting approval',
  'cutover',
  'copy',
  'buildTarget',
  'verify',
  'switch',
  'awaiting acceptance',
  'retire',
  'compensation',
  'done',
] as const;

export type Phase = (typeof PHASES)[number];

/**
 * Every step a run may take from one phase to another. The copy, buildTarget and verify of a bigBang run inside the
 * cutover, under the freeze, and a cutover that does not succeed goes back to awaiting approval.
 */
const NEXT: Readonly<Record<Phase, readonly Phase[]>> = {
  preflight: ['assessment', 'compensation'],
  assessment: ['plan', 'compensation'],
  plan: ['prepareTarget', 'compensation'],
  prepareTarget: ['awaiting approval', 'compensation'],
  'awaiting approval': ['cutover', 'compensation'],
  cutover: ['copy', 'switch', 'awaiting approval', 'compensation'],
  copy: ['buildTarget', 'awaiting approval', 'compensation'],
  buildTarget: ['verify', 'awaiting approval', 'compensation'],
  verify: ['cutover', 'awaiting approval', 'compensation'],
  switch: ['awaiting acceptance', 'compensation'],
  'awaiting acceptance': ['retire', 'compensation'],
  retire: ['done'],
  compensation: ['done'],
  done: [],
};

export function mayFollow(from: Phase, to: Phase): boolean {
  return NEXT[from].includes(to);
}
