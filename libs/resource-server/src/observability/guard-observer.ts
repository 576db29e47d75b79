import type { ExecutionContext } from '@nestjs/common';
import { BearerError } from '../refusals/bearer-error.js';
import type { RefusalReason } from '../refusals/refusal.js';
import { carrierOf } from '../request/carriers.js';
import { judgementOf } from '../request/judgement.js';

/** How the guard decided about one call. Holds nothing of its token. */
export interface GuardDecision {
  /**
   * `accepted` and `refused` are about a token, or its absence; `public`: none was needed, and none was shown; `unavailable`: nothing could be
   * found out; `failed`: another error, of a class of the application for instance.
   */
  readonly outcome: 'accepted' | 'refused' | 'public' | 'unavailable' | 'failed';
  /** Why not; `null` where the request may pass, and for reasons of the application. */
  readonly reason: RefusalReason | null;
  /** The handler, such as `OrdersController.read`. */
  readonly handler: string;
  /** When the guard began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** How long it took, in milliseconds, questions and resolvers of owners included. */
  readonly durationMs: number;
}

/** Is told of each decision of the guard, for metrics and traces. What it throws is ignored. */
export interface GuardObserver {
  decided(decision: GuardDecision): void;
}

/** Runs the guard for one call, and tells the observers how it decided. */
export function observed(
  observers: readonly GuardObserver[],
  context: ExecutionContext,
  judge: () => boolean | Promise<boolean>,
): boolean | Promise<boolean> {
  const startedAt = Date.now();
  const began = performance.now();
  const tell = (outcome: GuardDecision['outcome'], reason: RefusalReason | null): void => {
    const handler = `${context.getClass().name}.${context.getHandler().name}`;
    const decision = { outcome, reason, handler, startedAt, durationMs: performance.now() - began };
    for (const observer of observers) {
      try {
        observer.decided(decision);
      } catch {
        // Whoever measures the guard does not decide for it.
      }
    }
  };
  const passed = (isPassed: boolean): boolean => {
    tell(judgementOf(carrierOf(context))?.token ? 'accepted' : 'public', null);
    return isPassed;
  };
  const failed = (error: unknown): never => {
    const reason = error instanceof BearerError ? (error.refusal?.reason ?? null) : null;
    const refused = error instanceof BearerError ? 'refused' : 'failed';
    tell(reason === 'unavailable' ? 'unavailable' : refused, reason);
    throw error;
  };
  try {
    const result = judge();
    return result instanceof Promise ? result.then(passed, failed) : passed(result);
  } catch (error) {
    return failed(error);
  }
}
