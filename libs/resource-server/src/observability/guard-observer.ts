import { BearerError } from '../refusals/bearer-error.js';
import type { RefusalReason } from '../refusals/refusal.js';

/** How one call, one request without a controller, or one handshake of a socket was decided about. Holds nothing of its token. */
export interface GuardDecision {
  /**
   * `accepted` and `refused` are about a token, or its absence; `public`: none was needed, and none was shown; `unavailable`: nothing could be
   * found out; `failed`: another error, of a class of the application for instance.
   */
  readonly outcome: 'accepted' | 'refused' | 'public' | 'unavailable' | 'failed';
  /** Why not; `null` where the request may pass, and for reasons of the application. */
  readonly reason: RefusalReason | null;
  /** The handler, such as `OrdersController.read`; `a request without a controller`, `the handshake of a socket`. */
  readonly handler: string;
  /** When the guard began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** How long it took, in milliseconds, questions and resolvers of owners included. */
  readonly durationMs: number;
}

/** Is told of each decision, for metrics and traces. What it throws is ignored. */
export interface GuardObserver {
  decided(decision: GuardDecision): void;
}

/**
 * Judges, and tells the observers how it was decided.
 *
 * @param placeOf names what is judged
 * @param hasToken whether what may pass has shown a token
 */
export function observed<T>(
  observers: readonly GuardObserver[],
  placeOf: () => string,
  judge: () => T | Promise<T>,
  hasToken: (judged: T) => boolean,
): T | Promise<T> {
  if (observers.length === 0) return judge();
  const startedAt = Date.now();
  const began = performance.now();
  const tell = (outcome: GuardDecision['outcome'], reason: RefusalReason | null): void => {
    const decision = {
      outcome,
      reason,
      handler: placeOf(),
      startedAt,
      durationMs: performance.now() - began,
    };
    for (const observer of observers) {
      try {
        observer.decided(decision);
      } catch {
        // Whoever measures the guard does not decide for it.
      }
    }
  };
  const passed = (judged: T): T => {
    tell(hasToken(judged) ? 'accepted' : 'public', null);
    return judged;
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
