import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import type { Finding } from '../../domain/finding';
import { machineFindings, type MachineUse } from '../../domain/preflight/machine';

/** Looks at the machine this worker runs on; `folder` is where its reports go, or will go. */
export async function findInMachine(folder: string): Promise<Finding[]> {
  return machineFindings({ processor: processorUse(), memory: memoryUse(), disk: await diskUse(folder) });
}

/** Work that waited for or had a processor over the last minute, against the processors there are. */
function processorUse(): MachineUse['processor'] {
  return ((loadavg()[0] ?? 0) / availableParallelism()) * 100;
}

/** A container's limit counts where it is lower than the machine's memory. */
function memoryUse(): MachineUse['memory'] {
  const limit = process.constrainedMemory();
  const constrained = limit > 0 && limit < totalmem();
  if (constrained) return (process.memoryUsage.rss() / limit) * 100;
  return (1 - freemem() / totalmem()) * 100;
}

/** As `df` counts: blocks kept for the administrator are no reserve. */
async function diskUse(folder: string): Promise<MachineUse['disk']> {
  const { blocks, bfree, bavail } = await statfs(existingPart(folder));
  const used = blocks - bfree;
  return (used / Math.max(1, used + bavail)) * 100;
}

function existingPart(folder: string): string {
  return existsSync(folder) ? folder : existingPart(path.dirname(folder));
}
