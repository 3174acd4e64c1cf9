import { DefaultLogger, type LogLevel, type RuntimeOptions } from '@temporalio/worker';
import { z } from 'zod';

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'] as const satisfies readonly LogLevel[];

const settingsSchema = z.object({
  MIGRATION_LOG: z.enum(['text', 'json']).default('text'),
  MIGRATION_LOG_LEVEL: z.enum(LEVELS).default('WARN'),
  /** Where Prometheus may scrape the worker, as `host:port`. */
  MIGRATION_METRICS_ADDRESS: z
    .string()
    .regex(/^\S+:\d+$/)
    .optional(),
});

/** How the worker tells what it does, as its environment asks. Errors: one naming the variable and what it may be. */
export function telemetryOf(env: NodeJS.ProcessEnv): RuntimeOptions {
  const read = settingsSchema.safeParse(env);
  if (!read.success) {
    const issues = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`the worker's environment is not usable: ${issues.join('; ')}`);
  }
  const { MIGRATION_LOG: form, MIGRATION_LOG_LEVEL: level, MIGRATION_METRICS_ADDRESS: bindAddress } = read.data;
  return {
    logger: form === 'json' ? new DefaultLogger(level, writeJson) : new DefaultLogger(level),
    ...(bindAddress === undefined
      ? {}
      : { telemetryOptions: { metrics: { prometheus: { bindAddress, countersTotalSuffix: true } } } }),
  };
}

type Entry = Parameters<NonNullable<ConstructorParameters<typeof DefaultLogger>[1]>>[0];

/** One line an entry, with what the SDK knows of where it comes from (workflowId, activityType, attempt …). */
function writeJson({ level, timestampNanos, message, meta }: Entry): void {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  process.stderr.write(`${JSON.stringify({ time, level, message, ...meta }, plain)}\n`);
}

/** Of an error its name and message: stacks and causes may quote anything. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return typeof value === 'bigint' ? value.toString() : value;
}
