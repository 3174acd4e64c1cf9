/**
 * The phases of databaseMigration, in their order; docs/ARCHITECTURE.md tells what each does and undoes. In a bigBang
 * copy, buildTarget and verify run inside the cutover, under the freeze.
 */
export const PHASES = [
  'preflight',
  'assessment',
  'plan',
  'backup',
  'trial',
  'prepareTarget',
  'awaiting approval',
  'cutover',
  'copy',
  'buildTarget',
  'verify',
  'observe',
  'awaiting acceptance',
  'retire',
  'compensation',
  'done',
] as const;

export type Phase = (typeof PHASES)[number];

/** Every step a run may take from one phase to another; a phase inside the cutover goes back to it when it ends. */
const NEXT: Readonly<Record<Phase, readonly Phase[]>> = {
  // An assessment or a comparison that runs alone has these two phases, and ends after any of them.
  preflight: ['assessment', 'verify', 'compensation', 'done'],
  assessment: ['plan', 'compensation', 'done'],
  plan: ['backup', 'trial', 'prepareTarget', 'compensation'],
  backup: ['trial', 'prepareTarget', 'compensation'],
  trial: ['prepareTarget', 'compensation'],
  prepareTarget: ['awaiting approval', 'compensation'],
  'awaiting approval': ['cutover', 'compensation'],
  cutover: ['copy', 'buildTarget', 'verify', 'cutover', 'awaiting approval', 'observe', 'compensation'],
  copy: ['cutover'],
  buildTarget: ['cutover'],
  verify: ['cutover', 'done'],
  observe: ['awaiting acceptance', 'compensation'],
  'awaiting acceptance': ['retire', 'compensation'],
  retire: ['done'],
  compensation: ['done'],
  done: [],
};

export function mayFollow(from: Phase, to: Phase): boolean {
  return NEXT[from].includes(to);
}
