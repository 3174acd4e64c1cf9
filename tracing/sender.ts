import { hostname } from 'node:os';
import type { Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { envDetectorSync, Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { Gate } from './gate';
import { ToldExporter } from './toldExporter';

/** A worker that is killed loses what it has not sent; the library's own five seconds are many. */
const SEND_EVERY_MS = 1_000;
/** How long a worker that ends waits for its last spans to be taken. */
const LAST_SPANS_MS = 2_000;

/** Sends a worker's spans, in the background and without ever making anybody wait. */
export interface Sender {
  readonly spanProcessor: SpanProcessor;
  readonly resource: Resource;
  readonly tracer: Tracer;
  /** Sends what is left, and gives up after two seconds. */
  close(): Promise<void>;
}

/** Where to, and as whom: the environment's `OTEL_` variables say. One a process, as OpenTelemetry's own state is. */
export function openSender(env: NodeJS.ProcessEnv, report: (line: string) => void): Sender {
  const self = { 'service.name': 'temporal-migrate', 'service.instance.id': `${process.pid}@${hostname()}` };
  const resource = new Resource({
    ...Resource.default().attributes,
    ...self,
    ...envDetectorSync.detect().attributes,
  });
  const batches = new BatchSpanProcessor(
    new ToldExporter(new OTLPTraceExporter(), report),
    env['OTEL_BSP_SCHEDULE_DELAY'] ? {} : { scheduledDelayMillis: SEND_EVERY_MS },
  );
  const spanProcessor = new Gate(batches);
  const provider = new BasicTracerProvider({ resource, spanProcessors: [spanProcessor] });
  provider.register({ contextManager: new AsyncLocalStorageContextManager() });
  return {
    spanProcessor,
    resource,
    tracer: provider.getTracer('temporal-migrate'),
    close: () => withinTime(provider.shutdown()),
  };
}

async function withinTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, LAST_SPANS_MS)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}
