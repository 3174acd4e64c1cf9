import { context, SpanStatusCode, trace, type Attributes, type Context, type Span } from '@opentelemetry/api';
import { BasicTracerProvider, SimpleSpanProcessor, type IdGenerator } from '@opentelemetry/sdk-trace-base';
import { ContextManager } from '@temporalio/interceptors-opentelemetry/lib/workflow/context-manager';
import { SpanExporter } from '@temporalio/interceptors-opentelemetry/lib/workflow/span-exporter';
import { ContinueAsNew, getRandomStream, isCancellation } from '@temporalio/workflow';
import { rootFailure } from '../workflows/failures';
import { ATTRIBUTES } from './attributes';

/**
 * Every replay draws the same ids again, so that what another worker goes on with stays in the same trace; and the
 * workflow's own random values, the run's id among them, do not depend on whether it is traced.
 */
const ids: IdGenerator = {
  generateTraceId: () => hexadecimal(16),
  generateSpanId: () => hexadecimal(8),
};

function hexadecimal(bytes: number): string {
  const drawn = getRandomStream('temporal-migrate/tracing').fill(new Uint8Array(bytes));
  return Array.from(drawn, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const provider = new BasicTracerProvider({
  idGenerator: ids,
  // The sink it writes to does nothing while a history is replayed.
  spanProcessors: [new SimpleSpanProcessor(new SpanExporter())],
});
provider.register({ contextManager: new ContextManager() });
const tracer = provider.getTracer('temporal-migrate');

/** Runs work in a span beneath `parent` that ends with it, and answers with the very promise of the work. */
export function inSpan<T>(name: string, attributes: Attributes, parent: Context, work: () => Promise<T>): Promise<T> {
  const span = tracer.startSpan(name, { attributes }, parent);
  const answer = context.with(trace.setSpan(parent, span), work);
  void answer.then(
    () => span.end(),
    (error: unknown) => {
      tell(span, error);
      span.end();
    },
  );
  return answer;
}

/** Neither a workflow that goes on as new nor one that was cancelled has failed. */
function tell(span: Span, error: unknown): void {
  if (error instanceof ContinueAsNew) return;
  if (isCancellation(error)) {
    span.setAttribute(ATTRIBUTES.error, 'CANCELLED');
    return;
  }
  const { code, message } = rootFailure(error);
  span.setAttribute(ATTRIBUTES.error, code);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
