import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Refusal, type RefusalReason } from './refusal.js';
import { Refusals } from './refusals.js';

describe('Refusals', () => {
  const warned: string[] = [];
  let refusals: Refusals;

  const refuse = (...reasons: RefusalReason[]): void => {
    for (const reason of reasons) {
      refusals.record({ refusal: new Refusal(reason, { found: 'x' }), getStatus: () => 401 }, 'A.b');
    }
  };

  beforeEach(() => {
    warned.length = 0;
    jest.spyOn(Logger.prototype, 'debug').mockReturnValue(undefined);
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((line) => void warned.push(String(line)));
    refusals = new Refusals();
  });

  afterEach(() => void jest.restoreAllMocks());

  it('count by reason, an error once', () => {
    const error = { refusal: new Refusal('audience'), getStatus: () => 401 };
    refusals.record(error, 'A.b');
    refusals.record(error, 'A.b');
    refuse('expired', 'expired');
    refusals.record({ refusal: null, getStatus: () => 403 }, 'A.b');
    expect(refusals.counts).toMatchObject({ audience: 1, expired: 2, scope: 0 });
    expect(Object.values(refusals.counts).reduce((sum, count) => sum + count)).toBe(3);
  });

  it('warn once a minute when every token is refused for one reason', () => {
    refuse('audience', 'audience', 'audience', 'audience');
    expect(warned).toEqual([]);
    refuse('audience', 'audience', 'audience');
    expect(warned).toHaveLength(1);
    expect(warned[0]).toMatch(
      /^All of the last 5 access tokens .* audience, found "x"\. .*option "audience"/,
    );
    const later = performance.now() + 60_001;
    jest.spyOn(performance, 'now').mockReturnValue(later);
    refuse('audience');
    expect(warned).toHaveLength(2);
  });

  it.each<[string, () => void]>([
    ['a token was accepted meanwhile', () => refusals.accepted()],
    ['one was refused for another reason', () => refuse('expired')],
  ])('do not warn when %s', (_, happen) => {
    refuse('audience', 'audience', 'audience', 'audience');
    happen();
    refuse('audience', 'audience', 'audience', 'audience');
    expect(warned).toEqual([]);
  });

  it('do not warn of requests that show no token, however many', () => {
    for (let times = 0; times < 20; times++) refuse('no_token', 'malformed');
    expect(warned).toEqual([]);
  });
});
