/** How a client's refresh tokens behave. Seconds. */
export interface Policy {
  readonly grace: number;
  readonly idle: number;
  readonly lifetime: number;
  readonly maxUses: number | null;
  /** How often a spent token gets the answer again. */
  readonly maxRetries: number | null;
}

/** Why a session was ended before its time: the kind of the audit event. */
export type End = 'authorization_revoked' | 'refresh_token_reuse' | 'rollback_detected';

/**
 * What somebody got for a token: the refresh token of some generation, an access token without a refresh token, a
 * refusal; or the empty answer to a revocation.
 */
export type Outcome = `generation ${number}` | 'access only' | 'refused' | 'done';

/** What somebody does with a token: presents the refresh token of some generation, or revokes by it. */
export interface Action {
  readonly kind: 'present' | 'revoke';
  readonly generation: number;
}

/** One login as the design has it: what is promised, without how it is kept. Times in seconds since the login. */
export class SessionModel {
  now = 0;
  end: End | null = null;
  /** When each generation began; the first one with the login, which is no rotation. */
  private began: number[] = [0];
  /** Retries with the token that the last rotation spent. */
  private retries = 0;
  /** Retries that left a trace in the audit trail. */
  traces = 0;
  /** The newest refresh token that anybody has. */
  newest = 0;

  constructor(readonly policy: Policy) {}

  get generation(): number {
    return this.began.length - 1;
  }

  /** The last rotation, or `null`. */
  get rotatedAt(): number | null {
    return this.generation === 0 ? null : this.lastChange;
  }

  get isLive(): boolean {
    return this.end === null && this.now < this.policy.lifetime;
  }

  act({ kind, generation }: Action): Outcome {
    return kind === 'present' ? this.present(generation) : this.revoke();
  }

  /**
   * A request saw, before it was overtaken, that the database was set back: it may still end the session. Others stay
   * true when they are overtaken: what is reused stays reused.
   */
  endByEarlierRollback(): Outcome {
    return this.isLive ? this.endBy('rollback_detected') : 'refused';
  }

  pass(seconds: number): void {
    this.now += seconds;
  }

  /** The database is set back to how it was `steps` rotations ago. */
  setBack(steps: number): void {
    this.began = this.began.slice(0, this.began.length - steps);
    this.retries = 0;
  }

  clone(): SessionModel {
    const copy = new SessionModel(this.policy);
    return Object.assign(copy, this, { began: [...this.began] });
  }

  private present(generation: number): Outcome {
    if (!this.isLive) return 'refused';
    if (generation > this.generation) return this.endBy('rollback_detected');
    const inGrace = this.generation > 0 && this.now - this.lastChange < this.policy.grace;
    const isPrevious = generation === this.generation - 1;
    if (generation < this.generation) {
      const mayRetry = this.policy.maxRetries === null || this.retries < this.policy.maxRetries;
      if (!(isPrevious && inGrace && mayRetry)) return this.endBy('refresh_token_reuse');
      this.retries++;
      this.traces++;
    }
    if (!inGrace) {
      if (this.now - this.lastChange >= this.policy.idle) return 'refused';
      if (this.isUsedUp) return 'refused';
      this.began.push(this.now);
      this.retries = 0;
    }
    if (this.isUsedUp) return 'access only';
    this.newest = Math.max(this.newest, this.generation);
    return `generation ${this.generation}`;
  }

  private revoke(): Outcome {
    this.end ??= 'authorization_revoked';
    return 'done';
  }

  private endBy(end: End): Outcome {
    this.end = end;
    return 'refused';
  }

  private get lastChange(): number {
    return this.began.at(-1) ?? 0;
  }

  private get isUsedUp(): boolean {
    return this.policy.maxUses !== null && this.generation >= this.policy.maxUses;
  }
}

/** An action that happened at the same time as others, and what it came to. */
export interface Observation extends Action {
  readonly outcome: Outcome;
}

/**
 * Looks for an order in which the actions, one after the other, would have come to what they came to.
 *
 * @param accepts whether the state afterwards may be the one that was found
 * @returns the state after them in such an order; `null` when there is none: they got in each other's way
 */
export function linearize(
  before: SessionModel,
  observations: readonly Observation[],
  accepts: (after: SessionModel) => boolean,
): SessionModel | null {
  const sawRollback = ({ kind, generation }: Action) => kind === 'present' && generation > before.generation;

  const search = (state: SessionModel, remaining: readonly Observation[]): SessionModel | null => {
    if (remaining.length === 0) return accepts(state) ? state : null;
    for (const observation of remaining) {
      const others = remaining.filter((other) => other !== observation);
      const ways = [(after: SessionModel) => after.act(observation)];
      if (sawRollback(observation)) ways.push((after) => after.endByEarlierRollback());
      for (const way of ways) {
        const after = state.clone();
        const found = way(after) === observation.outcome ? search(after, others) : null;
        if (found !== null) return found;
      }
    }
    return null;
  };
  return search(before, observations);
}
