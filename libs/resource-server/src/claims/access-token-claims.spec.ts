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

function judge(changes: Record<string, unknown>, claims: Partial<ClaimSettings> = {}) {
  const expected = {
    issuer: 'https://as',
    audience: 'https://api',
    claims: { ...DEFAULT_CLAIMS, ...claims },
  };
  return readAccessToken(new ClaimReader({ ...CLAIMS, ...changes }), expected, NOW);
}

function read(...parameters: Parameters<typeof judge>) {
  const verdict = judge(...parameters);
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

  it('tells access tokens from other tokens by the rule that it was given', () => {
    const isAccessToken = ({ kind }: Readonly<Record<string, unknown>>) => kind === 'access';
    expect(read({ kind: 'access' }, { isAccessToken })).toMatchObject({ subject: 'alice' });
    expect(read({ kind: 'id' }, { isAccessToken })).toBe('token_type');
    expect(read({}, { isAccessToken: (() => 'yes') as unknown as () => boolean })).toBe('token_type');
  });

  it('adds up the scopes of several claims, and the roles', () => {
    const scope = ['scope', 'scp'];
    expect(readToken({ scope: 'read', scp: ['write', 'read'] }, { scope }).scopes.toString()).toBe(
      'read write',
    );
    expect(readToken({ scp: ['write'] }, { scope }).scopes.toString()).toBe('write');
    const roles = [['realm', 'roles'], ['roles']];
    const token = readToken({ realm: { roles: ['admin'] }, roles: ['staff'] }, { roles });
    expect(token.roles).toEqual(['admin', 'staff']);
    expect(readToken({ roles: ['staff'] }).roles).toEqual([]);
  });

  it('takes the client from the first claim that names it', () => {
    const client = ['client_id', 'azp'];
    expect(readToken({ azp: 'other' }, { client }).clientId).toBe('shop');
    expect(readToken({ client_id: undefined, azp: 'other' }, { client }).clientId).toBe('other');
    expect(readToken({ client_id: undefined, '': 'x' }, { client }).clientId).toBeNull();
  });

  it('accepts a token for one of several names of the API', () => {
    const expected = { issuer: 'https://as', audience: ['https://old', 'https://api'] };
    expect(readAccessToken(new ClaimReader(CLAIMS), expected, NOW)).toMatchObject({ subject: 'alice' });
    const other = { ...expected, audience: ['https://old', 'https://other'] };
    expect(readAccessToken(new ClaimReader(CLAIMS), other, NOW)).toMatchObject({ reason: 'audience' });
  });
});

describe('readAccessToken, when it refuses', () => {
  const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();

  it.each<[Record<string, unknown>, Refusal]>([
    [{ iss: 'https://other' }, new Refusal('issuer', { expected: 'https://as', found: 'https://other' })],
    [
      { aud: ['https://a', 'https://b'] },
      new Refusal('audience', { expected: 'https://api', found: ['https://a', 'https://b'] }),
    ],
    [{ exp: NOW / 1000 - 60 }, new Refusal('expired', { expected: `later than ${at(0)}`, found: at(-60) })],
    [{ token_type: 'DPoP' }, new Refusal('token_type', { expected: 'Bearer', found: 'DPoP' })],
    [{ cnf: { jkt: 'x' } }, new Refusal('key_bound')],
  ])('says for the log what it expected and found: %j', (changes, refusal) => {
    expect(judge(changes)).toEqual(refusal);
  });
});
