import type { Finding } from '../finding';

/** How much of each the worker's machine uses now, in percent. */
export interface MachineUse {
  readonly processor: number;
  readonly memory: number;
  /** Of the disk that reports are written to. */
  readonly disk: number;
}

/** Above these a machine has no reserve for the copy; the disk's is higher, for reports are small. */
const LIMITS: Readonly<Record<keyof MachineUse, number>> = { processor: 85, memory: 85, disk: 90 };

/** One finding for all that is short: an operator looks at the machine once. */
export function machineFindings(use: MachineUse): Finding[] {
  const short = (['processor', 'memory', 'disk'] as const).filter((part) => use[part] > LIMITS[part]);
  if (short.length === 0) return [];
  return [
    {
      code: 'WORKER_BUSY',
      severity: 'warning',
      object: 'worker',
      source: short.map((part) => `${part} ${Math.round(use[part])} % used (limit ${LIMITS[part]} %)`).join(', '),
      target: '',
      reason: "of the worker's machine: free it, or run the worker elsewhere, or expect the write pause to be longer",
    },
  ];
}
