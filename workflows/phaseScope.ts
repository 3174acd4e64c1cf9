import type { Phase } from '../domain/phases';

/** Runs the work of a phase. What it returns must be the very promise of the work: another one would come later. */
export type PhaseScope = <T>(phase: Phase, work: () => Promise<T>) => Promise<T>;

let scope: PhaseScope = (_phase, work) => work();

/** Runs a phase, inside whatever the worker's interceptors have put around it. */
export function inPhaseScope<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
  return scope(phase, work);
}

/** For interceptors, once a workflow: each has the module to itself. */
export function setPhaseScope(around: PhaseScope): void {
  scope = around;
}
