import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TokenLookup, type Verdict } from '../introspection/token-lookup.js';
import { Refusal } from '../refusals/refusal.js';
import { aSettledMemory, LIFETIME_MS } from './a-memory.spec-support.js';
import { aToken } from '../claims/a-token.spec-support.js';
import { RememberingLookup, type LocalValidator } from './remembering-lookup.js';
import { digestOf } from './token-digest.js';

const INACTIVE = new Refusal('inactive');

const pass = (ms: number) => void jest.advanceTimersByTime(ms);

/** Answers each question when the test says so. */
class Questions<T> {
  readonly tokens: string[] = [];
  readonly answers: ((answer: T) => void)[] = [];
  #onFirst: () => void = () => undefined;
  readonly first = new Promise<void>((resolve) => (this.#onFirst = resolve));

  readonly ask = (token: string): Promise<T> => {
    this.tokens.push(token);
    this.#onFirst();
    return new Promise((resolve) => this.answers.push(resolve));
  };
}

describe('RememberingLookup', () => {
  let made: ReturnType<typeof aSettledMemory>;
  let source: Questions<Verdict>;
  let validator: Questions<Verdict | 'undecided'>;

  const lookup = (isLocal = false, maxAgeMs = 1000, counted?: 'validations') => {
    const local: LocalValidator | null = isLocal ? { validate: validator.ask } : null;
    return new RememberingLookup(
      { lookUp: source.ask },
      local,
      made.memory,
      made.counters,
      maxAgeMs,
      counted,
    );
  };
  const answered = async (verdict: Promise<Verdict> | Verdict, answer: Verdict, index = 0) => {
    source.answers[index]?.(answer);
    return verdict;
  };

  beforeEach(() => {
    jest.useFakeTimers({ now: 1_700_000_000_000 });
    made = aSettledMemory();
    source = new Questions();
    validator = new Questions();
  });

  afterEach(() => void jest.useRealTimers());

  it('asks about a token once, and answers from memory then', async () => {
    const tokens = lookup();
    const token = aToken();
    expect(tokens).toBeInstanceOf(TokenLookup);
    expect(tokens.getCached('text')).toBeUndefined();
    expect(await answered(tokens.lookUp('text'), token)).toBe(token);
    expect([tokens.getCached('text'), tokens.lookUp('text')]).toEqual([token, token]);
    expect(tokens.getCached('other')).toBeUndefined();
    expect(source.tokens).toEqual(['text']);
    expect(made.counters).toMatchObject({ introspections: 1, validations: 0, hits: 2, shared: 0 });
  });

  it('remembers a refusal likewise', async () => {
    const tokens = lookup();
    expect(await answered(tokens.lookUp('text'), INACTIVE)).toBe(INACTIVE);
    expect(tokens.lookUp('text')).toBe(INACTIVE);
    expect(made.counters).toMatchObject({ introspections: 1, negativeHits: 1 });
  });

  it('keeps no token, only its SHA-256', async () => {
    const tokens = lookup();
    await answered(tokens.lookUp('text'), aToken());
    const digest = createHash('sha256').update('text').digest('base64');
    expect(digestOf('text')).toBe(digest);
    expect(made.memory.getCached(digest)).toBeDefined();
    expect(made.memory.getCached('text')).toBeUndefined();
  });

  it('shares a running look-up, unless it is too old', async () => {
    const tokens = lookup(false, 1000);
    const first = tokens.lookUp('text');
    pass(999);
    const second = tokens.lookUp('text');
    pass(1);
    const third = tokens.lookUp('text');
    expect(source.tokens).toHaveLength(1);
    expect(await answered(second, INACTIVE)).toBe(INACTIVE);
    expect(await first).toBe(INACTIVE);
    const token = aToken();
    await Promise.resolve();
    expect(await answered(third, token, 1)).toBe(token);
    expect(made.counters).toMatchObject({ introspections: 2, shared: 2 });
  });

  it('does not share a look-up from before a change that the feed has sent', async () => {
    const tokens = lookup(false, 60_000);
    const first = tokens.lookUp('text');
    pass(1);
    made.memory.revoke({ sub: 'bob', epoch: 1 });
    const second = tokens.lookUp('text');
    await answered(first, aToken({ sessionId: null }));
    await Promise.resolve();
    expect(source.tokens).toHaveLength(2);
    expect(await answered(second, INACTIVE, 1)).toBe(INACTIVE);
  });

  it('asks again whatever is cached, and shares nothing that was asked before', async () => {
    const tokens = lookup(false, 60_000);
    await answered(tokens.lookUp('text'), aToken());
    const again = tokens.lookUpAgain('text');
    pass(1);
    const later = tokens.lookUpAgain('text');
    await answered(again, aToken(), 1);
    await Promise.resolve();
    expect(source.tokens).toHaveLength(3);
    expect(await answered(later, INACTIVE, 2)).toBe(INACTIVE);
    expect(tokens.getCached('text')).toBe(INACTIVE);
  });

  it('refuses an answer that was on its way when the session ended', async () => {
    const tokens = lookup();
    const verdict = tokens.lookUp('text');
    pass(1);
    made.memory.revoke({ sid: 'session' });
    expect(await answered(verdict, aToken())).toEqual(new Refusal('revoked'));
  });

  it('does not keep an answer that was on its way when a new stream began', async () => {
    const tokens = lookup();
    const verdict = tokens.lookUp('text');
    pass(1);
    made.memory.restart(LIFETIME_MS, null, null);
    pass(1);
    const token = aToken();
    expect(await answered(verdict, token)).toBe(token);
    expect(tokens.getCached('text')).toBeUndefined();
  });

  it('passes a failure on, remembers nothing of it, and asks again', async () => {
    let isDown = true;
    const lookUp = () => (isDown ? Promise.reject(new Error('down')) : Promise.resolve(INACTIVE));
    const tokens = new RememberingLookup({ lookUp }, null, made.memory, made.counters, 1000);
    await expect(tokens.lookUp('text')).rejects.toThrow('down');
    isDown = false;
    expect(await tokens.lookUp('text')).toBe(INACTIVE);
    expect(made.counters.introspections).toBe(2);
  });

  it('counts look-ups of a source that validates as validations', async () => {
    await answered(lookup(false, 1000, 'validations').lookUp('text'), INACTIVE);
    expect(made.counters).toMatchObject({ introspections: 0, validations: 1 });
  });

  describe('with local validation', () => {
    it.each<[string, () => Verdict]>([
      ['accepts', () => aToken()],
      ['refuses', () => new Refusal('signature')],
    ])('%s without asking, and from memory then', async (_, verdictOf) => {
      const tokens = lookup(true);
      const validated = verdictOf();
      const verdict = tokens.lookUp('text');
      validator.answers[0]?.(validated);
      expect(await verdict).toBe(validated);
      expect(tokens.lookUp('text')).toBe(validated);
      expect([validator.tokens, source.tokens]).toEqual([['text'], []]);
      expect(made.counters).toMatchObject({ introspections: 0, validations: 1 });
    });

    it.each<[string, () => Verdict | 'undecided']>([
      ['the validator', () => 'undecided'],
      ['the memory', () => aToken({ sessionId: null })],
    ])('asks about what %s cannot decide', async (_, verdictOf) => {
      const verdict = lookup(true).lookUp('text');
      validator.answers[0]?.(verdictOf());
      await source.first;
      expect(await answered(verdict, INACTIVE)).toBe(INACTIVE);
      expect(made.counters).toMatchObject({ introspections: 1, validations: 1 });
    });

    it('asks when a new stream began during the validation, because keys may have changed', async () => {
      const verdict = lookup(true).lookUp('text');
      pass(1);
      made.memory.restart(LIFETIME_MS, null, null);
      pass(1);
      validator.answers[0]?.(aToken());
      await source.first;
      expect(await answered(verdict, INACTIVE)).toBe(INACTIVE);
    });

    it('does not validate while the feed is not live', async () => {
      made.freshness.liveUntil = performance.now();
      expect(await answered(lookup(true).lookUp('text'), INACTIVE)).toBe(INACTIVE);
      expect([validator.tokens, source.tokens]).toEqual([[], ['text']]);
      expect(made.counters).toMatchObject({ introspections: 1, validations: 0 });
    });
  });
});
