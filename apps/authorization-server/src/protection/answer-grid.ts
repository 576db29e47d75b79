import { Injectable } from '@nestjs/common';
import { PasswordHasher } from '../passwords/password-hasher.js';

/** The grid is this many verifications wide, so that almost every one ends within its first step, queueing included. */
const VERIFICATIONS_PER_STEP = 10;
const ROUNDING_MS = 50;

/**
 * Releases refusals of credentials at fixed distances from the arrival of their requests, so that the time tells
 * nothing of the reason: an unknown user, a wrong password, a disabled account, or too many attempts. It waits on a
 * timer and costs no computing.
 */
@Injectable()
export class AnswerGrid {
  constructor(private readonly hasher: PasswordHasher) {}

  /** Milliseconds between two releases. */
  get step(): number {
    const slowest = this.hasher.verificationMs * VERIFICATIONS_PER_STEP;
    return Math.ceil(slowest / ROUNDING_MS) * ROUNDING_MS;
  }

  /** @param arrivedAt by `performance.now()` */
  async hold(arrivedAt: number): Promise<void> {
    const { step } = this;
    const elapsed = performance.now() - arrivedAt;
    const release = Math.ceil((elapsed + 1) / step) * step;
    await new Promise((resolve) => setTimeout(resolve, release - elapsed));
  }
}
