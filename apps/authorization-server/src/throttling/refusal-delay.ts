import { Injectable } from '@nestjs/common';
import { PasswordHasher } from '../passwords/password-hasher.js';

/**
 * The width of a step, in verifications, so that almost all verifications end within the first step, queueing included.
 * A hash of another system may take ten times as long. For it a smaller factor is enough, because the time in the queue
 * depends on the cost of most logins.
 */
const VERIFICATIONS_PER_STEP = 10;
const SLOWEST_VERIFICATIONS_PER_STEP = 4;
const ROUNDING_MS = 50;

/**
 * Releases refusals of credentials at multiples of a fixed step after the arrival of their requests, so that the time
 * does not reveal the reason: an unknown user, a wrong password, a disabled account, a hash of another system, or too
 * many attempts. It waits on a timer and uses no processor time.
 *
 * Successes do not wait: their caller has the right password, and learns nothing from the time.
 */
@Injectable()
export class RefusalDelay {
  constructor(private readonly hasher: PasswordHasher) {}

  /** Milliseconds between two releases. */
  get step(): number {
    const width = Math.max(
      this.hasher.verificationMs * VERIFICATIONS_PER_STEP,
      this.hasher.slowestVerificationMs * SLOWEST_VERIFICATIONS_PER_STEP,
    );
    return Math.ceil(width / ROUNDING_MS) * ROUNDING_MS;
  }

  /** @param arrivedAt by `performance.now()` */
  async wait(arrivedAt: number): Promise<void> {
    const { step } = this;
    const elapsed = performance.now() - arrivedAt;
    const release = Math.ceil((elapsed + 1) / step) * step;
    await new Promise((resolve) => setTimeout(resolve, release - elapsed));
  }
}
