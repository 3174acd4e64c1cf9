import { run } from './servers/run';
import { keepAnswer } from './workerRecord';

export interface CliTarget {
  /** The path of the `temporal` program. */
  readonly program: string;
  readonly address: string;
  /** `migrations` unless given. */
  readonly taskQueue?: string;
}

/** What `temporal workflow result` prints. */
interface ClosedWorkflow {
  readonly status: string;
  readonly result?: unknown;
  readonly closeEvent?: { readonly workflowExecutionFailedEventAttributes?: { readonly failure: unknown } };
}

/** What the CLI says of a workflow, as far as it is looked at here. */
export interface WorkflowDescription {
  readonly workflowExecutionInfo: { readonly status: string; readonly searchAttributes?: unknown };
}

/** The Temporal CLI, as a person types it; every answer is read from its JSON output. */
export class TemporalCli {
  constructor(private readonly target: CliTarget) {}

  get address(): string {
    return this.target.address;
  }

  async start(type: string, workflowId: string, input: unknown): Promise<void> {
    await this.workflow('start', workflowId, [
      '--task-queue',
      this.target.taskQueue ?? 'migrations',
      '--type',
      type,
      '--fail-existing',
      '--input',
      JSON.stringify(input),
    ]);
  }

  async query(workflowId: string, name: string): Promise<unknown> {
    const answer = (await this.workflow('query', workflowId, ['--name', name])) as { queryResult: unknown[] };
    return answer.queryResult[0];
  }

  async signal(workflowId: string, name: string, body: unknown): Promise<void> {
    await this.workflow('signal', workflowId, ['--name', name, '--input', JSON.stringify(body)]);
  }

  /** Rejects with the CLI's words when the update is refused. */
  async update(workflowId: string, name: string, body: unknown): Promise<unknown> {
    const answer = (await this.workflow('update execute', workflowId, [
      '--name',
      name,
      '--input',
      JSON.stringify(body),
    ])) as { result: unknown };
    return answer.result;
  }

  async cancel(workflowId: string): Promise<void> {
    await this.workflow('cancel', workflowId, []);
  }

  /** Waits for the end: the status as Temporal names it, and the result or the failure. */
  async result(workflowId: string): Promise<{ status: string; result?: unknown; failure?: unknown }> {
    // The CLI exits with 1 for a workflow that did not complete, having printed what it ended with.
    const text = await run('/bin/sh', [
      '-c',
      '"$0" "$@" || true',
      this.target.program,
      ...this.words('result', workflowId, []),
    ]);
    await keepAnswer(text);
    const { status, result, closeEvent } = JSON.parse(text) as ClosedWorkflow;
    return { status, result, failure: closeEvent?.workflowExecutionFailedEventAttributes?.failure };
  }

  async history(workflowId: string): Promise<{ events: unknown[] }> {
    return (await this.workflow('show', workflowId, [])) as { events: unknown[] };
  }

  /** Every workflow of this task queue. */
  async list(): Promise<{ execution: { workflowId: string } }[]> {
    const query = `TaskQueue = '${this.target.taskQueue ?? 'migrations'}'`;
    const { program, address } = this.target;
    const text = await run(program, ['workflow', 'list', '--query', query, '--address', address, '--output', 'json']);
    return JSON.parse(text) as { execution: { workflowId: string } }[];
  }

  async describe(workflowId: string): Promise<WorkflowDescription> {
    return (await this.workflow('describe', workflowId, [])) as WorkflowDescription;
  }

  private async workflow(verb: string, workflowId: string, rest: readonly string[]): Promise<unknown> {
    const text = await run(this.target.program, this.words(verb, workflowId, rest));
    await keepAnswer(text);
    return text.trim() === '' ? null : JSON.parse(text);
  }

  private words(verb: string, workflowId: string, rest: readonly string[]): string[] {
    return [
      'workflow',
      ...verb.split(' '),
      '--workflow-id',
      workflowId,
      '--address',
      this.target.address,
      '--output',
      'json',
      ...rest,
    ];
  }
}
