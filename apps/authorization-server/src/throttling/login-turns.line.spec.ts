import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LoginTurns, NoTurnError } from './login-turns.js';
import type { Admission } from './throttle-repository.js';

const BUCKET = Buffer.alloc(16, 1);
const OTHER = Buffer.alloc(16, 2);
const DEADLINE = 2000;
const FULL: Admission = { state: 'full', key: BUCKET };
const THROTTLED: Admission = { state: 'throttled' };
const admitted = (key = BUCKET): Admission => ({ state: 'admitted', place: { key, lease: 7 } });

/** An attempt that waits for its turn. The spec answers its requests for a place. */
class Attempt {
  readonly #requests: { resolve: (admission: Admission) => void; reject: (error: Error) => void }[] = [];
  /** How often it has asked for a place. */
  asked = 0;
  outcome: unknown = 'waiting';

  constructor(turns: LoginTurns, bucket = BUCKET, deadline = DEADLINE) {
    const ask = () => {
      this.asked++;
      return new Promise<Admission>((resolve, reject) => void this.#requests.push({ resolve, reject }));
    };
    turns.wait(bucket, ask, performance.now() + deadline).then(
      (admission) => (this.outcome = admission),
      (error: unknown) => (this.outcome = error),
    );
  }

  async answer(answer: Admission | Error): Promise<void> {
    const request = this.#requests.shift();
    if (answer instanceof Error) request?.reject(answer);
    else request?.resolve(answer);
    await pass(0);
  }
}

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('LoginTurns', () => {
  let turns: LoginTurns;

  beforeEach(() => {
    jest.useFakeTimers();
    jest.advanceTimersByTime(12_345);
    turns = new LoginTurns();
  });

  afterEach(() => void jest.useRealTimers());

  const wait = (count: number, bucket = BUCKET) =>
    Array.from({ length: count }, () => new Attempt(turns, bucket)) as [Attempt, Attempt, Attempt];
  const ended = async (bucket = BUCKET) => {
    turns.ended(bucket);
    await pass(0);
  };
  const askedBy = (attempts: readonly Attempt[]) => attempts.map(({ asked }) => asked);
  const outcomesOf = (attempts: readonly Attempt[]) => attempts.map(({ outcome }) => outcome);

  it('let the attempts ask in the order of their arrival, each after the one before has an answer', async () => {
    const attempts = wait(3);
    await ended();
    expect(askedBy(attempts)).toEqual([1, 0, 0]);
    await attempts[0].answer(admitted());
    expect(askedBy(attempts)).toEqual([1, 1, 0]);
    await attempts[1].answer(admitted());
    expect(askedBy(attempts)).toEqual([1, 1, 1]);
    expect(outcomesOf(attempts)).toEqual([admitted(), admitted(), 'waiting']);
  });

  it('keep an attempt first that was refused, and let no other one ask before it', async () => {
    const attempts = wait(2);
    await ended();
    const later = new Attempt(turns);
    await attempts[0].answer(FULL);
    expect(askedBy([...attempts, later])).toEqual([1, 0, 0]);
    await ended();
    expect(askedBy([...attempts, later])).toEqual([2, 0, 0]);
    await attempts[0].answer(admitted());
    await attempts[1].answer(admitted());
    await later.answer(admitted());
    expect(outcomesOf([...attempts, later])).toEqual([admitted(), admitted(), admitted()]);
  });

  it('ask once more when an attempt ends while the first one asks, and never two at the same time', async () => {
    const attempts = wait(2);
    await ended();
    await ended();
    await ended();
    await pass(500);
    expect(askedBy(attempts)).toEqual([1, 0]);
    await attempts[0].answer(FULL);
    expect(askedBy(attempts)).toEqual([2, 0]);
    await attempts[0].answer(FULL);
    expect(askedBy(attempts)).toEqual([2, 0]);
  });

  it('ask every 50 ms for places that other servers release, beginning anew at each request', async () => {
    const [first] = wait(1);
    await pass(30);
    const second = new Attempt(turns);
    await pass(19);
    expect(first.asked).toBe(0);
    await pass(1);
    expect(first.asked).toBe(1);
    await first.answer(FULL);
    await pass(30);
    expect(first.asked).toBe(1);
    await ended();
    await first.answer(FULL);
    await pass(49);
    expect(first.asked).toBe(2);
    await pass(1);
    expect(first.asked).toBe(3);
    await first.answer(FULL);
    await pass(50);
    expect(askedBy([first, second])).toEqual([4, 0]);
  });

  it('let an attempt that arrives while the last one asks have the next turn', async () => {
    const [first] = wait(1);
    await ended();
    const next = new Attempt(turns);
    await first.answer(admitted());
    expect(next.asked).toBe(1);
    await next.answer(admitted());
    const later = new Attempt(turns);
    await pass(50);
    expect(later.asked).toBe(1);
  });

  it('keep the buckets apart', async () => {
    const [here] = wait(1);
    const [there] = wait(1, OTHER);
    await ended();
    expect(askedBy([here, there])).toEqual([1, 0]);
    await ended(OTHER);
    expect(askedBy([here, there])).toEqual([1, 1]);
    await there.answer(admitted(OTHER));
    expect(outcomesOf([here, there])).toEqual(['waiting', admitted(OTHER)]);
  });

  it('return that another bucket is full, and let the next attempt ask', async () => {
    const attempts = wait(2);
    await ended();
    await attempts[0].answer({ state: 'full', key: OTHER });
    expect(outcomesOf(attempts)).toEqual([{ state: 'full', key: OTHER }, 'waiting']);
    expect(askedBy(attempts)).toEqual([1, 1]);
  });

  it('reject an attempt at its deadline, and leave the others', async () => {
    const [first] = wait(1);
    await pass(10);
    const [second] = wait(1);
    for (let asked = 0; asked < 39; asked++) {
      await pass(50);
      await first.answer(FULL);
    }
    await pass(DEADLINE - 10 - 39 * 50 - 1);
    expect(first.outcome).toBe('waiting');
    await pass(1);
    expect(first.outcome).toBeInstanceOf(NoTurnError);
    expect(second.outcome).toBe('waiting');
    await ended();
    expect(second.asked).toBe(1);
  });

  it('reject at once where the deadline has passed already', async () => {
    const late = new Attempt(turns, BUCKET, -5);
    await pass(1);
    expect([late.outcome, late.asked]).toEqual([expect.any(NoTurnError), 0]);
  });

  it('keep a place that is given after the deadline, because the attempt was asking for it', async () => {
    const [first, second] = wait(2);
    await pass(50);
    await pass(DEADLINE);
    expect(outcomesOf([first, second])).toEqual(['waiting', expect.any(NoTurnError)]);
    await first.answer(admitted());
    expect(first.outcome).toEqual(admitted());
  });

  it('reject an attempt that is refused after its deadline', async () => {
    const [first] = wait(1);
    await pass(50);
    await pass(DEADLINE - 51);
    await first.answer(FULL);
    expect(first.outcome).toBe('waiting');
    await ended();
    await pass(1);
    await first.answer(FULL);
    expect(first.outcome).toBeInstanceOf(NoTurnError);
  });

  it('reject an attempt whose request fails, and let the next one ask', async () => {
    const attempts = wait(2);
    await ended();
    const error = new Error('no connection');
    await attempts[0].answer(error);
    expect(outcomesOf(attempts)).toEqual([error, 'waiting']);
    expect(askedBy(attempts)).toEqual([1, 1]);
    await attempts[1].answer(admitted());
    expect(outcomesOf(attempts)).toEqual([error, admitted()]);
  });

  it('let all ask at once when the first one is throttled, because each may have a bucket of its own', async () => {
    const attempts = wait(3);
    await ended();
    await attempts[0].answer(THROTTLED);
    expect(askedBy(attempts)).toEqual([1, 1, 1]);
    const error = new Error('no connection');
    await attempts[1].answer(FULL);
    await attempts[2].answer(error);
    expect(outcomesOf(attempts)).toEqual([THROTTLED, FULL, error]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('reject what is more than a thousand waiting attempts of one bucket, and no attempt of another one', async () => {
    const attempts = wait(1000);
    const [refused] = wait(1);
    const [elsewhere] = wait(1, OTHER);
    await pass(0);
    expect([refused.outcome, refused.asked]).toEqual([expect.any(NoTurnError), 0]);
    expect(elsewhere.outcome).toBe('waiting');
    await pass(DEADLINE);
    expect(attempts.slice(1).every(({ outcome }) => outcome instanceof NoTurnError)).toBe(true);
  });

  it('leave no timer behind when all have an answer, and have nothing to do for an end then', async () => {
    const attempts = wait(3);
    await ended();
    await attempts[0].answer(admitted());
    await attempts[1].answer({ state: 'full', key: OTHER });
    await attempts[2].answer(new Error('no connection'));
    expect(jest.getTimerCount()).toBe(0);
    await ended();
    expect(jest.getTimerCount()).toBe(0);
    expect(askedBy(attempts)).toEqual([1, 1, 1]);
  });

  it('leave no timer behind when all gave up', async () => {
    const attempts = wait(3);
    await pass(50);
    await attempts[0].answer(FULL);
    await pass(DEADLINE);
    await attempts[0].answer(FULL);
    expect(outcomesOf(attempts)).toEqual(Array(3).fill(expect.any(NoTurnError)));
    expect(jest.getTimerCount()).toBe(0);
  });
});
