/**
 * The phases of databaseMigration, in the order of a live one; docs/ARCHITECTURE.md tells what each does and undoes. In
 * a bigBang copy, buildTarget and verify run inside the cutover, under the freeze, and nothing is there to catch up with.
 */
export const PHASES = [
  'preflight',
  'assessment',
  'plan',
  'backup',
  'trial',
  'prepareTarget',
  'copy',
  'catchUp',
  'buildTarget',
  'verify',
  'awaiting approval',
  'cutover',
  'observe',
  'awaiting acceptance',
  'retire',
  'compensation',
  'done',
] as const;

export type Phase = (typeof PHASES)[number];

/**
 * Every step a run may take from one phase to another; a phase inside the cutover goes back to it when it ends. From
 * wherever a live migration loses its place in the source's log it goes back to the copy.
 */
const NEXT: Readonly<Record<Phase, readonly Phase[]>> = {
  // An assessment or a comparison that runs alone has these two phases, and ends after any of them.
  preflight: ['assessment', 'verify', 'compensation', 'done'],
  assessment: ['plan', 'compensation', 'done'],
  plan: ['backup', 'trial', 'prepareTarget', 'compensation'],
  backup: ['trial', 'prepareTarget', 'compensation'],
  trial: ['prepareTarget', 'compensation'],
  prepareTarget: ['awaiting approval', 'copy', 'compensation'],
  'awaiting approval': ['cutover', 'copy', 'verify', 'compensation'],
  cutover: ['copy', 'buildTarget', 'verify', 'cutover', 'awaiting approval', 'observe', 'compensation'],
  copy: ['cutover', 'copy', 'catchUp', 'compensation'],
  catchUp: ['copy', 'buildTarget', 'compensation'],
  buildTarget: ['cutover', 'copy', 'verify', 'compensation'],
  verify: ['cutover', 'copy', 'verify', 'awaiting approval', 'compensation', 'done'],
  observe: ['awaiting acceptance', 'compensation'],
  'awaiting acceptance': ['retire', 'compensation'],
  retire: ['done'],
  compensation: ['done'],
  done: [],
};

export function mayFollow(from: Phase, to: Phase): boolean {
  return NEXT[from].includes(to);
}
