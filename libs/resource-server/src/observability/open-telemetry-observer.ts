import type { GuardDecision, GuardObserver } from './guard-observer.js';

type Attributes = Record<string, string>;

interface Instrument {
  readonly description: string;
  readonly unit?: string;
}

/** The part of a meter of `@opentelemetry/api` that is used. */
interface OpenTelemetryMeter {
  createCounter(name: string, options: Instrument): { add(value: number, attributes: Attributes): void };
  createHistogram(name: string, options: Instrument): { record(value: number, attributes: Attributes): void };
}

/** The part of a tracer of `@opentelemetry/api` that is used. */
interface OpenTelemetryTracer {
  startSpan(
    name: string,
    options: { startTime: number; attributes: Attributes },
  ): {
    setStatus(status: { code: number }): unknown;
    end(endTime: number): void;
  };
}

/** `SpanStatusCode.ERROR` of `@opentelemetry/api`. */
const ERROR = 2;

/**
 * Creates a span `latchkey.guard` for each decision, as a child of the active span, and counts and measures decisions.
 * Attributes are the outcome, the reason and the handler, and no part of a token.
 *
 * @param instruments `trace.getTracer('api')` and `metrics.getMeter('api')` of `@opentelemetry/api`; each may be left
 *   out
 */
export function openTelemetryObserver({
  tracer,
  meter,
}: {
  tracer?: OpenTelemetryTracer;
  meter?: OpenTelemetryMeter;
}): GuardObserver {
  const decisions = meter?.createCounter('latchkey.guard.decisions', {
    description: 'Calls that the guard decided about',
  });
  const duration = meter?.createHistogram('latchkey.guard.duration', {
    description: 'Time that the guard took for a call',
    unit: 's',
  });
  return {
    decided: (decision: GuardDecision) => {
      const { outcome, reason, handler, startedAt, durationMs } = decision;
      const attributes: Attributes = {
        'latchkey.outcome': outcome,
        ...(reason !== null && { 'latchkey.reason': reason }),
      };
      decisions?.add(1, attributes);
      duration?.record(durationMs / 1000, attributes);
      const span = tracer?.startSpan('latchkey.guard', {
        startTime: startedAt,
        attributes: { ...attributes, 'code.function.name': handler },
      });
      // A refusal is a regular result, and no error.
      if (outcome === 'unavailable' || outcome === 'failed') span?.setStatus({ code: ERROR });
      span?.end(startedAt + durationMs);
    },
  };
}
