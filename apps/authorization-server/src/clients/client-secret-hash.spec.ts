import { expect, it } from '@jest/globals';
import {
  hashClientSecret,
  IMPOSSIBLE_SECRET_HASH,
  isClientSecretHash,
  secretMatches,
} from './client-secret-hash.js';

it('matches the secret it was made of and no other', () => {
  const hash = hashClientSecret('secret');
  expect(hash).toBe('$sha256$K7gNU3sdo-OL0wNhqoVWhr3g6s1xYv72ol_pe_Unols');
  expect(isClientSecretHash(hash)).toBe(true);
  expect(secretMatches('secret', hash)).toBe(true);
  for (const wrong of ['', 'Secret', 'secret ', 'secre', hash])
    expect(secretMatches(wrong, hash)).toBe(false);
});

it.each(['', 'secret', '$sha256$', '$sha512$K7gN', IMPOSSIBLE_SECRET_HASH])('nothing matches %j', (hash) => {
  expect(secretMatches('secret', hash)).toBe(false);
  expect(secretMatches('', hash)).toBe(false);
});

it.each(['', 'secret', '$sha256$short', `${hashClientSecret('a')}=`, `${hashClientSecret('a')}\n`])(
  '%j is no hash',
  (value) => {
    expect(isClientSecretHash(value)).toBe(false);
  },
);
