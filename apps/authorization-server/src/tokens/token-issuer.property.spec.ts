import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  GROUPS_OMITTED,
  MAX_ACCESS_TOKEN_LENGTH,
  MAX_GROUPS_BYTES,
  ScopeSet,
  SIGNING_ALGORITHMS,
} from '@latchkey/contracts';
import fc from 'fast-check';
import { newId } from '@latchkey/platform/database';
import type { Client } from '../clients/client.js';
import { MAX_AUDIENCE_LENGTH, MAX_SCOPE_LENGTH } from '../clients/client-registration-rules.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import { newDataKey } from '../data-keys/data-key.js';
import { USER_FIELDS } from '../users/user-fields.js';
import type { AccessTokens } from './access-tokens.js';
import { accessTokensWith } from './access-tokens.spec-support.js';
import { TokenIssuer } from './token-issuer.js';

/** Cuts what is joined in some way to what is accepted. */
function within<T>(list: readonly T[], sizeOf: (part: T[]) => number, max: number): T[] {
  const kept: T[] = [];
  for (const entry of list) if (sizeOf([...kept, entry]) <= max) kept.push(entry);
  return kept;
}

const ascii = (max: number) =>
  fc.oneof(
    fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: max }),
    // Each becomes two characters of JSON.
    fc.integer({ min: 1, max }).map((length) => '"'.repeat(length)),
    fc.integer({ min: 1, max }).map((length) => 'x'.repeat(length)),
  );
const name = ascii(255);
const scope = fc
  .uniqueArray(
    fc
      .integer({ min: 1, max: 10_000 })
      .chain((n) => fc.integer({ min: 5, max: 255 }).map((length) => String(n).padStart(length, 's'))),
    { minLength: 1, maxLength: 300 },
  )
  .map((names) => ScopeSet.of(within(names, (part) => part.join(' ').length, MAX_SCOPE_LENGTH)));
const audience = fc
  .uniqueArray(ascii(600), { minLength: 1, maxLength: 200 })
  .map((names) => within(names, (part) => JSON.stringify(part).length, MAX_AUDIENCE_LENGTH))
  .filter((names) => names.length > 0);
const groups = fc
  .uniqueArray(
    fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
      fc.integer({ min: 0, max: 100_000 }).map((n) => `CN=Group ${n},OU=Departments,DC=example,DC=com`),
    ),
    { maxLength: USER_FIELDS.groups.max },
  )
  .map((names) => names.slice(0, 400))
  .filter((names) => Buffer.byteLength(JSON.stringify(names)) <= MAX_GROUPS_BYTES);
const issuer = fc.integer({ min: 8, max: 245 }).map((length) => `https://${'i'.repeat(length - 8)}`);

describe('An access token for anything that may be registered', () => {
  const keys = [
    newDataKey('signing', 'active'),
    newDataKey('signing-rs256', 'active'),
    newDataKey('sealing', 'active'),
  ];
  let accessTokens: AccessTokens;

  beforeAll(async () => {
    accessTokens = await accessTokensWith(keys);
  });

  const issue = (
    format: string,
    grant: {
      issuer: string;
      clientId: string;
      sub: string;
      scope: ScopeSet;
      audience: string[];
      groups: string[];
    },
  ) => {
    const client = {
      clientId: grant.clientId,
      accessTokenFormat: format === 'opaque' ? format : 'jwt',
      accessTokenSigningAlg: format,
      accessTokenTtl: 86_400,
    };
    const authorization = {
      id: newId(),
      clientEpoch: 2 ** 31 - 1,
      userEpoch: 2 ** 31 - 1,
      amr: ['pwd', 'otp', 'mfa'],
      createdAt: 4e12,
      expiresAt: 4e12 + 1e9,
    };
    const { access_token: token } = new TokenIssuer(
      { issuer: grant.issuer } as AuthorizationServerConfig,
      accessTokens,
    ).issue({
      client: client as Client,
      authorization: authorization,
      owner: { sub: grant.sub, groups: grant.groups },
      scope: grant.scope,
      audience: grant.audience,
      refreshToken: null,
      now: 4e12,
    });
    return token;
  };

  it('is never longer than what the guard takes, and says so where it has no groups', () => {
    let omitted = 0;
    fc.assert(
      fc.property(
        fc.constantFrom('opaque', ...SIGNING_ALGORITHMS),
        fc.record({ issuer, clientId: name, sub: name, scope, audience, groups }),
        (format, grant) => {
          const token = issue(format, grant);
          expect(token.length).toBeLessThanOrEqual(MAX_ACCESS_TOKEN_LENGTH);
          const claims = accessTokens.read(token);
          if (format === 'opaque') return;
          const isOmitted = claims?.[GROUPS_OMITTED] === true;
          if (isOmitted) omitted++;
          expect(claims?.groups ?? []).toEqual(isOmitted ? [] : grant.groups);
        },
      ),
      { numRuns: 300 },
    );
    expect(omitted).toBeGreaterThan(10);
  });

  it.each(['opaque', ...SIGNING_ALGORITHMS])(
    'has room for the longest of everything at once: %s',
    (format) => {
      const longest = {
        issuer: `https://${'i'.repeat(247)}`,
        clientId: '"'.repeat(255),
        sub: '\\'.repeat(255),
        scope: ScopeSet.of(['s'.repeat(MAX_SCOPE_LENGTH)]),
        audience: ['a'.repeat(MAX_AUDIENCE_LENGTH - 4)],
        groups: ['staff'],
      };
      expect(issue(format, longest).length).toBeLessThan(8000);
    },
  );

  it('of the opaque kind has less than 400 characters, as usual', () => {
    const usual = {
      issuer: 'https://login.example.com',
      clientId: 'shop-backend',
      sub: newId(),
      scope: ScopeSet.parse('resources:read resources:write'),
      audience: ['https://api.example.com/'],
      groups: ['staff', 'admins'],
    };
    expect(issue('opaque', usual).length).toBeLessThan(400);
  });
});
