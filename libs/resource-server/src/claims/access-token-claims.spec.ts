import { describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import { DEFAULT_CLAIMS, readAccessToken, type ClaimSettings } from './access-token-claims.js';
import type { AccessToken } from './access-token.js';
import { Refusal } from '../refusals/refusal.js';
import { ClaimReader, MalformedClaimsError } from './claim-reader.js';

const NOW = 1_700_000_000_000;
const CLAIMS = {
  client_id: 'shop',
  sub: 'alice',
  exp: NOW / 1000 + 60,
  iss: 'https://as',
  aud: 'https://api',
};

function read(changes: Record<string, unknown>, claims: Partial<ClaimSettings> = {}) {
  const expected = {
    issuer: 'https://as',
    audience: 'https://api',
    claims: { ...DEFAULT_CLAIMS, ...claims },
  };
  const verdict = readAccessToken(new ClaimReader({ ...CLAIMS, ...changes }), expected, NOW);
  return verdict instanceof Refusal ? verdict.reason : verdict;
}

function readToken(...parameters: Parameters<typeof read>): AccessToken {
  const token = read(...parameters);
  if (typeof token === 'string') throw new Error(`refused: ${token}`);
  return token;
}

describe('readAccessToken, for servers that speak in another way', () => {
  it('takes the owner from the claim that names it', () => {
    expect(read({ uid: 'u1' }, { owner: 'uid' })).toMatchObject({ subject: 'u1', isOwnerToken: true });
    expect(read({}, { owner: 'uid' })).toMatchObject({ subject: null, isOwnerToken: false });
  });

  it('tells owner tokens by the rule that it was given, and never without an owner', () => {
    const isOwnerToken = (claims: Record<string, unknown>) => claims.kind === 'user';
    expect(readToken({ kind: 'user' }, { isOwnerToken }).isOwnerToken).toBe(true);
    expect(readToken({ kind: 'service' }, { isOwnerToken }).isOwnerToken).toBe(false);
    expect(readToken({ kind: 'user', sub: undefined }, { isOwnerToken }).isOwnerToken).toBe(false);
  });

  it('takes nothing but true for an answer of the rule', () => {
    const isOwnerToken = (() => 'yes') as unknown as () => boolean;
    expect(readToken({}, { isOwnerToken }).isOwnerToken).toBe(false);
  });

  it('gives the default scope to a token that names none, and to no other', () => {
    const defaultScope = ScopeSet.of(['api']);
    expect(readToken({}, { defaultScope }).scopes.toString()).toBe('api');
    expect(readToken({ scope: '' }, { defaultScope }).scopes.toString()).toBe('');
    expect(readToken({ scope: 'x' }, { defaultScope }).scopes.toString()).toBe('x');
  });

  it('does without iss and aud only where it was told so, and compares them where they are', () => {
    const mayBeMissing = new Set(['iss', 'aud'] as const);
    const missing = { iss: undefined, aud: undefined };
    const absent = Object.fromEntries(
      Object.entries(CLAIMS).filter(([name]) => name !== 'iss' && name !== 'aud'),
    );
    const expected = {
      issuer: 'https://as',
      audience: 'https://api',
      claims: { ...DEFAULT_CLAIMS, mayBeMissing },
    };
    expect(readAccessToken(new ClaimReader(absent), expected, NOW)).toMatchObject({
      issuer: 'https://as',
      audience: ['https://api'],
    });
    expect(() => read(missing)).toThrow(MalformedClaimsError);
    expect(() =>
      readAccessToken(new ClaimReader(absent), { ...expected, claims: DEFAULT_CLAIMS }, NOW),
    ).toThrow();
    expect(read({ iss: 'https://other' }, { mayBeMissing })).toBe('issuer');
    expect(read({ aud: 'https://other' }, { mayBeMissing })).toBe('audience');
  });
});
