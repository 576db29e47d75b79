import { beforeEach, describe, expect, it } from '@jest/globals';
import { FailureRates } from './failure-rates.js';

const SETTINGS = { window: 60, global: 5, client: 3 };
const NOW = 1_700_000_000_000;

describe('FailureRates', () => {
  let told: string[];
  let rates: FailureRates;

  const fail = (clientId: string, times: number, now = NOW) => {
    for (let time = 0; time < times; time++) rates.failed(clientId, now);
  };

  beforeEach(() => {
    told = [];
    rates = new FailureRates(SETTINGS, {
      raised: ({ scope, clientId, failures }) => void told.push(`+${scope} ${clientId ?? ''} ${failures}`),
      cleared: ({ scope, clientId, failures }) => void told.push(`-${scope} ${clientId ?? ''} ${failures}`),
    });
  });

  it('is silent below the thresholds', () => {
    fail('a', 2);
    fail('b', 2);
    expect(told).toEqual([]);
    expect([rates.raised('client'), rates.raised('global')]).toEqual([0, 0]);
  });

  it('tells once that a client has too many, and once that all together have', () => {
    fail('a', 4);
    fail('b', 3);
    expect(told).toEqual(['+client a 3', '+global  5', '+client b 3']);
    expect([rates.raised('client'), rates.raised('global')]).toEqual([2, 1]);
  });

  it('ends an alarm when the failures have passed, and forgets the client', () => {
    fail('a', 5);
    rates.review(NOW + 50_000);
    expect([rates.raised('client'), rates.size]).toEqual([1, 1]);
    rates.review(NOW + 60_000);
    expect(told).toEqual(['+client a 3', '+global  5', '-global  0', '-client a 0']);
    expect([rates.raised('client'), rates.raised('global'), rates.size]).toEqual([0, 0, 0]);
  });

  it('raises the alarm again the next time', () => {
    fail('a', 3);
    rates.review(NOW + 60_000);
    fail('a', 3, NOW + 70_000);
    expect(told).toEqual(['+client a 3', '-client a 0', '+client a 3']);
  });

  it('does not add up what is spread over more than the window', () => {
    for (let minute = 0; minute < 20; minute++) fail('a', 2, NOW + minute * 60_000);
    expect(told).toEqual([]);
  });
});
