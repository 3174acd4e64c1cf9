import type { SwitchStep } from '../input';

/** A switch step in words. Of a call only where it goes: its path and its body may hold what is not for every reader. */
export function describeSwitch(step: SwitchStep): string {
  switch (step.kind) {
    case 'http':
      return `${step.method} to ${/^https?:\/\/(?:[^/?#]*@)?([^/?#]+)/.exec(step.url)?.[1] ?? 'a host'}${step.undo === undefined ? ', which a rollback does not undo' : ''}`;
    case 'file':
      return `write the file ${step.path}`;
    case 'haproxy':
      return `HAProxy backend ${step.backend}: from ${step.source} to ${step.target}`;
  }
}
