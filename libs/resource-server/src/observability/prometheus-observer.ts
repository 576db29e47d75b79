import type { GuardDecision, GuardObserver } from './guard-observer.js';

/** In seconds: a cached verdict takes microseconds, an introspection milliseconds. */
const BUCKETS = [0.00005, 0.0002, 0.001, 0.005, 0.02, 0.1, 0.5, 2];

interface MetricSettings<L extends string> {
  name: string;
  help: string;
  labelNames: L[];
}

/** The part of the package `prom-client` that is used. */
interface PromClient {
  Counter: new (settings: MetricSettings<'outcome' | 'reason'>) => DecisionCounter;
  Histogram: new (settings: MetricSettings<'outcome'> & { buckets: number[] }) => DecisionHistogram;
  register: { getSingleMetric(name: string): unknown };
}

interface DecisionCounter {
  inc(labels: Record<'outcome' | 'reason', string>): void;
}

interface DecisionHistogram {
  observe(labels: Record<'outcome', string>, value: number): void;
}

const DECISIONS = 'latchkey_guard_decisions_total';
const SECONDS = 'latchkey_guard_decision_seconds';

/**
 * Counts decisions by outcome and reason (`latchkey_guard_decisions_total`), and measures how long they take
 * (`latchkey_guard_decision_seconds`), in the default registry of prom-client. Several applications of a process, as in
 * tests, share the metrics.
 *
 * @param client the package: `import * as client from 'prom-client'`
 */
export function prometheusObserver({ Counter, Histogram, register }: PromClient): GuardObserver {
  const decisions =
    (register.getSingleMetric(DECISIONS) as DecisionCounter | undefined) ??
    new Counter({
      name: DECISIONS,
      help: 'Calls that the guard decided about, by outcome and reason of refusal',
      labelNames: ['outcome', 'reason'],
    });
  const seconds =
    (register.getSingleMetric(SECONDS) as DecisionHistogram | undefined) ??
    new Histogram({
      name: SECONDS,
      help: 'Time that the guard took for a call',
      labelNames: ['outcome'],
      buckets: BUCKETS,
    });
  return {
    decided: ({ outcome, reason, durationMs }: GuardDecision) => {
      decisions.inc({ outcome, reason: reason ?? '' });
      seconds.observe({ outcome }, durationMs / 1000);
    },
  };
}
