import type { ExecutionContext } from '@nestjs/common';
import { BearerError } from '../refusals/bearer-error.js';
import type { RefusalReason } from '../refusals/refusal.js';
import { carrierOf } from '../request/carriers.js';
import { judgementOf } from '../request/judgement.js';

/** The decision of the guard about one call, without any part of its token. */
export interface GuardDecision {
  /**
   * `accepted` and `refused` depend on a token, or on its absence; `public`: no token was needed or presented;
   * `unavailable`: the token could not be checked; `failed`: another error, for example in a class of the application.
   */
  readonly outcome: 'accepted' | 'refused' | 'public' | 'unavailable' | 'failed';
  /** Why it was refused; `null` if the request is admitted, or the application has refused it. */
  readonly reason: RefusalReason | null;
  /** The handler, such as `OrdersController.read`. */
  readonly handler: string;
  /** When the guard began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** Duration in milliseconds, including introspection and owner resolvers. */
  readonly durationMs: number;
}

/** Receives each decision of the guard, for metrics and traces. Its errors and rejections are ignored. */
export interface GuardObserver {
  decided(decision: GuardDecision): void;
}

/** Runs the guard for one call, and reports its decision to the observers. */
export function observed(
  observers: readonly GuardObserver[],
  context: ExecutionContext,
  judge: () => boolean | Promise<boolean>,
): boolean | Promise<boolean> {
  const startedAt = Date.now();
  const began = performance.now();
  const report = (outcome: GuardDecision['outcome'], reason: RefusalReason | null): void => {
    const handler = `${context.getClass().name}.${context.getHandler().name}`;
    const decision = { outcome, reason, handler, startedAt, durationMs: performance.now() - began };
    for (const observer of observers) {
      // A failing observer must not affect the decision, and an unhandled rejection would end the process.
      new Promise<void>((resolve) => resolve(observer.decided(decision))).catch(() => undefined);
    }
  };
  const passed = (isPassed: boolean): boolean => {
    report(judgementOf(carrierOf(context))?.token ? 'accepted' : 'public', null);
    return isPassed;
  };
  const failed = (error: unknown): never => {
    const reason = error instanceof BearerError ? (error.refusal?.reason ?? null) : null;
    const refused = error instanceof BearerError ? 'refused' : 'failed';
    report(reason === 'unavailable' ? 'unavailable' : refused, reason);
    throw error;
  };
  try {
    const result = judge();
    return result instanceof Promise ? result.then(passed, failed) : passed(result);
  } catch (error) {
    return failed(error);
  }
}
