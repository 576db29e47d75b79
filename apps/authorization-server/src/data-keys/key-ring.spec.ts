import { describe, expect, it } from '@jest/globals';
import { newDataKey } from './data-key.js';
import { KeyRing } from './key-ring.js';

describe('KeyRing', () => {
  it('parses a signing key once, also when its state changes and others are revoked', () => {
    const [first, second] = [newDataKey('signing', 'active'), newDataKey('signing-rs256', 'active')];
    const ring = new KeyRing([first, second]);
    const next = newDataKey('signing', 'active');
    const rotated = new KeyRing([{ ...first, state: 'retired' }, second, next], ring);
    expect(rotated.findSigningKey(first.kid)).toEqual({
      ...ring.findSigningKey(first.kid),
      state: 'retired',
    });
    expect(rotated.activeSigningKey('ES256').kid).toBe(next.kid);
    const kept = rotated.keeping(new Set([first.kid, second.kid]));
    for (const { kid } of [first, second]) {
      expect(kept.findSigningKey(kid)?.privateKey).toBe(ring.findSigningKey(kid)?.privateKey);
    }
    expect(kept.findSigningKey(next.kid)).toBeNull();
    expect(kept.signingKeys().map(({ state }) => state)).toEqual(['retired', 'active']);
  });
});
