import { DefaultLogger, type LogLevel, type RuntimeOptions } from '@temporalio/worker';
import { z } from 'zod';
import { readSettings } from './readSettings';

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

/** From a second to a week: a phase may be a look at two servers, a copy, or the wait for a person. */
const SECONDS = [1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200, 86_400, 259_200, 604_800];
/** The limits that the SDK would take else are milliseconds of a request. */
const BUCKETS = { temporal_migrate_phase_seconds: SECONDS, temporal_migrate_write_pause_seconds: SECONDS };

/** How the worker tells what it does, as its environment asks. Errors: one naming the variable and what it may be. */
export function telemetryOf(env: NodeJS.ProcessEnv): RuntimeOptions {
  const {
    MIGRATION_LOG: form,
    MIGRATION_LOG_LEVEL: level,
    MIGRATION_METRICS_ADDRESS: bindAddress,
  } = readSettings(settingsSchema, env);
  return {
    logger: form === 'json' ? new DefaultLogger(level, writeJson) : new DefaultLogger(level),
    ...(bindAddress === undefined
      ? {}
      : {
          telemetryOptions: {
            metrics: { prometheus: { bindAddress, countersTotalSuffix: true, histogramBucketOverrides: BUCKETS } },
          },
        }),
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
