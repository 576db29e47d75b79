import type { OptionChecks } from './option-checks.js';
import type { CircuitBreakerOptions } from './resource-server-options.js';

export interface CircuitBreakerSettings {
  /** Failures in a row that open the circuit. */
  readonly failureThreshold: number;
  /** How long the circuit stays open, in milliseconds. */
  readonly openMs: number;
}

export function readCircuitBreaker(
  options: CircuitBreakerOptions | undefined,
  checks: OptionChecks,
): CircuitBreakerSettings {
  const { failureThreshold = 5, openMs = 2000 } = options ?? {};
  return Object.freeze({
    failureThreshold: checks.integer('circuitBreaker.failureThreshold', failureThreshold, 1, 10_000_000),
    openMs: checks.integer('circuitBreaker.openMs', openMs, 1, 60_000),
  });
}
