/**
 * The interceptors of the traced workflow bundle. Each call's span is put around it without a further promise in
 * between: a history goes on in the same order whether it is traced or not, also when that changes in the middle of it.
 * For the same reason ids come from a random stream of their own, and what no history holds (queries, validators) has
 * no span.
 */
// First: the OpenTelemetry packages look for a browser's globals when they are loaded.
import '@temporalio/interceptors-opentelemetry/lib/workflow/runtime';
import { context, ROOT_CONTEXT, type Context } from '@opentelemetry/api';
import {
  extractContextFromHeaders,
  headersWithContext,
  TRACE_HEADER,
} from '@temporalio/interceptors-opentelemetry/lib/instrumentation';
import { SPAN_DELIMITER, SpanName } from '@temporalio/interceptors-opentelemetry/lib/workflow/definitions';
import {
  workflowInfo,
  type ActivityInput,
  type ContinueAsNewInput,
  type Headers,
  type Next,
  type SignalInput,
  type StartChildWorkflowExecutionInput,
  type UpdateInput,
  type WorkflowExecuteInput,
  type WorkflowInboundCallsInterceptor as Inbound,
  type WorkflowInterceptors,
  type WorkflowOutboundCallsInterceptor as Outbound,
} from '@temporalio/workflow';
import { setPhaseScope } from '../workflows/phaseScope';
import { ATTRIBUTES } from './attributes';
import { inSpan } from './workflowSpans';

const named = (what: SpanName, name: string): string => `${what}${SPAN_DELIMITER}${name}`;

/** A caller that does not trace, as Temporal's command line, leaves what it calls where it is: in the run's own trace. */
function contextOf(headers: Headers, otherwise: Context): Context {
  if (headers[TRACE_HEADER] === undefined) return otherwise;
  try {
    return extractContextFromHeaders(headers) ?? otherwise;
  } catch {
    // A header that this worker cannot decode is no reason for a workflow to stand still.
    return otherwise;
  }
}

class TracedCalls implements Inbound {
  /** Beneath the run's span, once there is one. */
  private run: Context = ROOT_CONTEXT;

  execute(input: WorkflowExecuteInput, next: Next<Inbound, 'execute'>): Promise<unknown> {
    const { workflowId, runId, workflowType } = workflowInfo();
    const name = named(SpanName.WORKFLOW_EXECUTE, workflowType);
    const attributes = { [ATTRIBUTES.workflowId]: workflowId, [ATTRIBUTES.runId]: runId };
    return inSpan(name, attributes, contextOf(input.headers, ROOT_CONTEXT), () => {
      this.run = context.active();
      return next(input);
    });
  }

  handleSignal(input: SignalInput, next: Next<Inbound, 'handleSignal'>): Promise<void> {
    const name = named(SpanName.WORKFLOW_HANDLE_SIGNAL, input.signalName);
    return inSpan(name, {}, contextOf(input.headers, this.run), () => next(input));
  }

  handleUpdate(input: UpdateInput, next: Next<Inbound, 'handleUpdate'>): Promise<unknown> {
    const name = named(SpanName.WORKFLOW_HANDLE_UPDATE, input.name);
    const attributes = { [ATTRIBUTES.updateId]: input.updateId };
    return inSpan(name, attributes, contextOf(input.headers, this.run), () => next(input));
  }
}

class TracedCommands implements Outbound {
  scheduleActivity(input: ActivityInput, next: Next<Outbound, 'scheduleActivity'>): Promise<unknown> {
    const { activityType, options } = input;
    const name = named(SpanName.ACTIVITY_START, activityType);
    const attributes = { [ATTRIBUTES.activityType]: activityType, [ATTRIBUTES.summary]: options.summary };
    return inSpan(name, attributes, context.active(), () => next(carrying(input)));
  }

  startChildWorkflowExecution(
    input: StartChildWorkflowExecutionInput,
    next: Next<Outbound, 'startChildWorkflowExecution'>,
  ): Promise<[Promise<string>, Promise<unknown>]> {
    const name = named(SpanName.CHILD_WORKFLOW_START, input.workflowType);
    const attributes = { [ATTRIBUTES.summary]: input.options.staticSummary };
    return inSpan(name, attributes, context.active(), () => next(carrying(input)));
  }

  continueAsNew(input: ContinueAsNewInput, next: Next<Outbound, 'continueAsNew'>): Promise<never> {
    const name = named(SpanName.CONTINUE_AS_NEW, input.options.workflowType);
    return inSpan(name, {}, context.active(), () => next(carrying(input)));
  }
}

/** Hands the active span on to what the call begins. */
function carrying<T extends { readonly headers: Headers }>(input: T): T {
  return { ...input, headers: headersWithContext(input.headers) };
}

export const interceptors = (): WorkflowInterceptors => {
  setPhaseScope((phase, work) => inSpan(`Phase:${phase}`, { [ATTRIBUTES.phase]: phase }, context.active(), work));
  return { inbound: [new TracedCalls()], outbound: [new TracedCommands()] };
};
