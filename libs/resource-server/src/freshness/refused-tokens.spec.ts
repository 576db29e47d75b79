import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Refusal } from '../refusals/refusal.js';
import { RefusedTokens } from './refused-tokens.js';

const REFUSAL = new Refusal('inactive');

describe('RefusedTokens', () => {
  it('know why, and until when', () => {
    const tokens = new RefusedTokens(10);
    tokens.set('a', REFUSAL, 100);
    expect(tokens.get('a', 99)).toBe(REFUSAL);
    expect(tokens.get('a', 100)).toBeNull();
    expect(tokens.get('b', 0)).toBeNull();
  });

  it('keep what is repeated, however much is made up beside it', () => {
    const tokens = new RefusedTokens(3);
    tokens.set('repeated', REFUSAL, 1e9);
    for (let index = 0; index < 1000; index++) {
      expect(tokens.get('repeated', index)).toBe(REFUSAL);
      tokens.set(`made up ${index}`, REFUSAL, 1e9);
    }
  });

  it('never hold more than they may, and always what came last', () => {
    const action = fc.record({
      key: fc.nat(20),
      isLookUp: fc.boolean(),
      lifetime: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), fc.integer({ min: 1, max: 40 }), (actions, room) => {
        const tokens = new RefusedTokens(room);
        actions.forEach(({ key, isLookUp, lifetime }, now) => {
          if (isLookUp) return void tokens.get(String(key), now);
          tokens.set(String(key), REFUSAL, now + lifetime);
          expect(tokens.get(String(key), now)).toBe(REFUSAL);
        });
        const held = Array.from({ length: 21 }, (_, key) => tokens.get(String(key), 0) ?? []).flat();
        expect(held.length).toBeLessThanOrEqual(room);
      }),
    );
  });
});
