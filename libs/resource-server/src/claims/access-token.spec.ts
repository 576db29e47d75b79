import { describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import { assertIsToken, type AccessToken } from './access-token.js';

describe('The answer of an introspector of the application', () => {
  it('is a token with its scopes, or null', () => {
    expect(() => assertIsToken({ scopes: ScopeSet.EMPTY })).not.toThrow();
    expect(() => assertIsToken(null)).not.toThrow();
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['false', false],
    ['true', true],
    ['an object of another kind', {}],
    ['scopes as a text', { scopes: 'read' }],
    ['scopes as a list', { scopes: ['read'] }],
  ])('is never %s', (_, answer) => {
    expect(() => assertIsToken(answer as Partial<AccessToken>)).toThrow(
      new TypeError('The introspector answered with what is no access token'),
    );
  });
});
