/** What the OpenTelemetry packages read from the globals where there is no environment: in browsers, and in workflows. */
const READ_BY_WORKFLOWS = ['OTEL_TRACES_SAMPLER', 'OTEL_TRACES_SAMPLER_ARG'] as const;

/** The code of the traced bundle, in which workflows find what the worker's environment says of them. */
export function withSettings(code: string, env: NodeJS.ProcessEnv): string {
  const globals = READ_BY_WORKFLOWS.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [`globalThis.${name}=${JSON.stringify(value)};`];
  });
  // On the line that is there, so that errors keep their places.
  return globals.join('') + code;
}
