import type { WorkerPlugin } from '@temporalio/worker';
import { z } from 'zod';
import { readSettings } from './readSettings';

/** An empty value is none, as OpenTelemetry has it. */
const unlessEmpty = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

const url = unlessEmpty(z.url({ protocol: /^https?$/, error: 'a URL that begins with http:// or https://' }));
/** The one form the exporter speaks. */
const protocol = unlessEmpty(z.literal('http/json'));

const settingsSchema = z.object({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_TRACES_EXPORTER: unlessEmpty(z.enum(['otlp', 'none'])),
  OTEL_TRACES_SAMPLER: unlessEmpty(
    z.enum([
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ]),
  ),
  OTEL_TRACES_SAMPLER_ARG: unlessEmpty(z.coerce.number().min(0).max(1)),
});

/**
 * What traces the worker, where its environment says where traces go; else null, and nothing of it is loaded.
 * Errors: one naming the variable and what it may be.
 */
export async function tracingOf(env: NodeJS.ProcessEnv, report: (line: string) => void): Promise<WorkerPlugin | null> {
  const given = env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  if (!given || env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return null;
  if (readSettings(settingsSchema, env).OTEL_TRACES_EXPORTER === 'none') return null;
  const { TracingPlugin } = await import('../tracing/index.js');
  return new TracingPlugin(env, report);
}
