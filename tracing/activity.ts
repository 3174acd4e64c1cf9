import { trace } from '@opentelemetry/api';
import { ApplicationFailure, CancelledFailure, type Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { ATTRIBUTES } from './attributes';

/** Adds to an activity's span, which the SDK's interceptor around this one has begun, what an operator looks for. */
export class ActivityDetails implements ActivityInboundCallsInterceptor {
  constructor(private readonly context: Context) {}

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    const { activityType, attempt } = this.context.info;
    const span = trace.getActiveSpan();
    span?.setAttributes({ [ATTRIBUTES.activityType]: activityType, [ATTRIBUTES.attempt]: attempt });
    try {
      return await next(input);
    } catch (error) {
      if (error instanceof ApplicationFailure) span?.setAttribute(ATTRIBUTES.error, error.type ?? 'INTERNAL');
      if (error instanceof CancelledFailure) span?.setAttribute(ATTRIBUTES.error, 'CANCELLED');
      throw error;
    }
  }
}
