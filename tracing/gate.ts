import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { ATTRIBUTES } from './attributes';

const TOLD: ReadonlySet<string> = new Set(Object.values(ATTRIBUTES));

/**
 * What every span passes on its way out of the worker. It leaves a span's own words and takes away what others have
 * added: the whole of what a workflow knows of itself, memo included, and the stacks of errors, which may quote anything.
 */
export class Gate implements SpanProcessor {
  constructor(private readonly next: SpanProcessor) {}

  onStart: SpanProcessor['onStart'] = (span, parent) => this.next.onStart(span, parent);

  onEnd(span: ReadableSpan): void {
    const attributes = only(span.attributes, (key) => TOLD.has(key));
    const events = span.events.map((event) => ({
      ...event,
      attributes: only(event.attributes ?? {}, (key) => key !== 'exception.stacktrace'),
    }));
    // A span's members are accessors of its class, which a spread would lose.
    this.next.onEnd(
      Object.create(span, { attributes: { value: attributes }, events: { value: events } }) as ReadableSpan,
    );
  }

  async forceFlush(): Promise<void> {
    await this.next.forceFlush();
  }

  async shutdown(): Promise<void> {
    await this.next.shutdown();
  }
}

function only(attributes: Attributes, told: (key: string) => boolean): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => told(key)));
}
