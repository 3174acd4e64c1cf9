import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { Gate } from '../../tracing/gate';
import { ToldExporter } from '../../tracing/toldExporter';
import { tracingOf } from '../../workers/tracing';
import { OtlpReceiver } from '../helpers/otlpReceiver';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
const refuse = (line: string): never => {
  throw new Error(line);
};

test.each<[NodeJS.ProcessEnv]>([
  [{}],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
  [{ ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }],
  [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }],
  [{ OTEL_SERVICE_NAME: 'shop', OTEL_TRACES_SAMPLER: 'always_on' }],
])('nothing is traced unless the environment says where to: %j', async (env) => {
  expect(await tracingOf(env, refuse)).toBeNull();
});

test.each<[NodeJS.ProcessEnv, RegExp]>([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /OTLP_ENDPOINT: a URL that begins with http:\/\/ or https:\/\//],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'grpc://a' }, /TRACES_ENDPOINT: a URL that begins with http/],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /OTLP_PROTOCOL: .*"http\/json"/],
  [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'zipkin' }, /TRACES_EXPORTER: .*"otlp"\|"none"/],
  [{ ...ENDPOINT, OTEL_TRACES_SAMPLER: 'sometimes' }, /TRACES_SAMPLER: .*"parentbased_traceidratio"/],
  [{ ...ENDPOINT, OTEL_TRACES_SAMPLER_ARG: '7' }, /TRACES_SAMPLER_ARG: /],
])('a setting that cannot be is named, with what it may be: %j', async (env, words) => {
  await expect(tracingOf(env, refuse)).rejects.toThrow(words);
});

test('a span tells its own words; what others put on it, and the stack of an error, stay in the worker', () => {
  const kept = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new Gate(new SimpleSpanProcessor(kept))] });
  const span = provider.getTracer('any').startSpan('RunActivity:preflight');
  span.setAttributes({ temporalAttempt: 2, 'error.type': 'LOGIN_FAILED', memo: 'theirs', args: ['theirs'] });
  span.recordException(new Error('no such user'));
  span.end();
  const [told] = kept.getFinishedSpans();
  expect(told).toMatchObject({ name: 'RunActivity:preflight', ended: true });
  expect(told?.attributes).toEqual({ temporalAttempt: 2, 'error.type': 'LOGIN_FAILED' });
  expect(told?.events.map(({ attributes }) => attributes)).toEqual([
    { 'exception.type': 'Error', 'exception.message': 'no such user' },
  ]);
});

test('spans that are no longer taken are told of once, and once when they are again', async () => {
  await using receiver = await OtlpReceiver.open();
  const lines: string[] = [];
  const exporter = new ToldExporter(new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` }), (line) =>
    lines.push(line),
  );
  const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  for (const status of [200, 400, 400, 200, 200]) {
    receiver.status = status;
    provider.getTracer('any').startSpan('any').end();
    await provider.forceFlush();
  }
  expect(lines).toEqual([
    'traces are not taken, and are lost until they are; nothing else is: Bad Request',
    'traces are taken again',
  ]);
});
