import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const attributesSchema = z
  .array(z.object({ key: z.string(), value: z.looseObject({}) }))
  .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]])));

const spanSchema = z.object({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z.string().optional(),
  name: z.string(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: attributesSchema,
  status: z.object({ code: z.number(), message: z.string().optional() }),
});

/** OTLP over HTTP, as JSON. */
const requestSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: attributesSchema }),
      scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })),
    }),
  ),
});

export interface ReceivedSpan extends z.output<typeof spanSchema> {
  readonly resource: Readonly<Record<string, unknown>>;
}

/** Takes traces as a collector does; or, when it is silent, takes every request and never answers one. */
export class OtlpReceiver implements AsyncDisposable {
  /** In the order in which they came; one that is sent again after a crash replaces itself. */
  private readonly received = new Map<string, ReceivedSpan>();
  /** What came, as it came. */
  readonly bodies: Buffer[] = [];
  connections = 0;
  /** What it answers. */
  status = 200;

  private constructor(private readonly server: Server) {
    server.on('connection', () => (this.connections += 1));
  }

  static async open({ silent = false } = {}): Promise<OtlpReceiver> {
    const server = createServer();
    const receiver = new OtlpReceiver(server);
    server.on('request', (request, response) => {
      void bodyOf(request).then((body) => {
        receiver.bodies.push(body);
        if (silent) return;
        if (receiver.status === 200) receiver.take(JSON.parse(body.toString()));
        response.writeHead(receiver.status, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The spans of a workflow's traces. */
  tracesOf(workflowId: string): ReceivedSpan[] {
    const all = [...this.received.values()];
    const own = all.filter(({ attributes }) => attributes['temporalWorkflowId'] === workflowId);
    const traces = new Set(own.map(({ traceId }) => traceId));
    return all.filter(({ traceId }) => traces.has(traceId));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(request: unknown): void {
    for (const { resource, scopeSpans } of requestSchema.parse(request).resourceSpans) {
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        this.received.set(span.spanId, { ...span, resource: resource.attributes });
      }
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
