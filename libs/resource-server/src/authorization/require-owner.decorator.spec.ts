import { describe, expect, it } from '@jest/globals';
import { assertOwner } from './require-owner.decorator.js';
import type { AccessToken } from '../claims/access-token.js';

function aToken(subject: string | null, clientId = 'shop'): AccessToken {
  return { subject, clientId, isOwnerToken: subject !== null && subject !== clientId } as AccessToken;
}

describe('assertOwner', () => {
  it('lets the owner pass', () => {
    expect(() => assertOwner(aToken('alice'), { sub: 'alice' }, 'sub', 403)).not.toThrow();
  });

  it.each<[string, AccessToken, unknown]>([
    ['another owner', aToken('alice'), { sub: 'bob' }],
    ['another case', aToken('alice'), { sub: 'Alice' }],
    ['a missing parameter', aToken('alice'), {}],
    ['a renamed parameter', aToken('alice'), { user: 'alice' }],
    ['an empty parameter', aToken('alice'), { sub: '' }],
    ['an array', aToken('alice'), { sub: ['alice'] }],
    ['an object that prints as the owner', aToken('alice'), { sub: { toString: () => 'alice' } }],
    ['an inherited parameter', aToken('alice'), Object.create({ sub: 'alice' })],
    ['no parameters', aToken('alice'), undefined],
    ['a still encoded parameter', aToken('alice'), { sub: '%61lice' }],
    ['no sub and no parameter', aToken(null), {}],
    ['no sub and the text of null', aToken(null), { sub: 'null' }],
    ["a client's own sub", aToken('shop'), { sub: 'shop' }],
  ])('denies %s', (_, token, parameters) => {
    expect(() => assertOwner(token, parameters, 'sub', 403)).toThrow(
      expect.objectContaining({ status: 403 }),
    );
  });

  it('does not find names of object properties in the path', () => {
    expect(() => assertOwner(aToken('alice'), {}, 'constructor', 403)).toThrow();
  });
});
