import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding } from '../../domain/finding';
import { machineFindings, type MachineUse } from '../../domain/preflight/machine';

/** Looks at the machine this worker runs on; `folder` is where its reports go, or will go. */
export async function findInMachine(folder: string): Promise<Finding[]> {
  return machineFindings({ processor: await processorUse(), memory: memoryUse(), disk: await diskUse(folder) });
}

/** Long enough that a moment's work does not fill it. The load average would tell of what ended a minute ago. */
const SAMPLE_MS = 1_000;

/** How much of all processors was at work over the sample, in percent. */
async function processorUse(): Promise<MachineUse['processor']> {
  const before = processorTimes();
  await sleep(SAMPLE_MS);
  const after = processorTimes();
  const [idle, total] = [after.idle - before.idle, after.total - before.total];
  return total <= 0 ? 0 : (1 - idle / total) * 100;
}

function processorTimes(): { idle: number; total: number } {
  let [idle, total] = [0, 0];
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, total };
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
