import { Injectable } from '@nestjs/common';
import { PasswordHasher } from '../passwords/password-hasher.js';

/**
 * The grid is this many verifications wide, so that almost every one ends within its first step, queueing included. Of
 * a hash that another system made, and that may take ten times as long, fewer are enough: the time in the queue goes by
 * what most logins cost.
 */
const VERIFICATIONS_PER_STEP = 10;
const SLOWEST_VERIFICATIONS_PER_STEP = 4;
const ROUNDING_MS = 50;

/**
 * Releases refusals of credentials at fixed distances from the arrival of their requests, so that the time tells
 * nothing of the reason: an unknown user, a wrong password, a disabled account, a hash of another system, or too many
 * attempts. It waits on a timer and costs no computing.
 *
 * Successes do not wait: a caller that gets one has the right password, and learns nothing from its time.
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
