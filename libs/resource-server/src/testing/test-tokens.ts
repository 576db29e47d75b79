import { ScopeSet } from '@latchkey/contracts';
import type { AccessToken } from '../claims/access-token.js';
import { TokenIntrospector } from '../options/token-introspector.js';

/** Properties of a test's token. Default: user `test-user` at client `test-client`, for five minutes. */
export interface TestToken extends Partial<Omit<AccessToken, 'scopes' | 'claims'>> {
  readonly scopes?: readonly string[];
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** The headers of a request, for `set()` of supertest, `headers` of `inject()` and of `fetch()`. */
export type TokenHeaders = Record<'authorization', string>;

const PREFIX = 'test-token.';

const LIFETIME_MS = 300_000;

/**
 * The header of a request with this token, for applications with a {@link TestIntrospector}. The token contains its own
 * properties, so a test needs nothing else.
 */
export function withToken(token: TestToken = {}): TokenHeaders {
  const text = Buffer.from(JSON.stringify(token)).toString('base64url');
  return { authorization: `Bearer ${PREFIX}${text}` };
}

/** Adds the defaults to the properties that a test sets. */
export function completeToken(token: TestToken): AccessToken {
  const { subject = 'test-user', clientId = 'test-client', scopes = [], claims = {} } = token;
  const complete: Omit<AccessToken, 'claims'> = {
    isOwnerToken: subject !== null && subject !== clientId,
    username: null,
    groups: [],
    roles: [],
    sessionId: null,
    tokenId: null,
    expiresAt: Date.now() + LIFETIME_MS,
    issuedAt: Date.now(),
    issuer: 'https://test.invalid',
    audience: ['https://test.invalid/api'],
    acr: null,
    amr: [],
    authenticatedAt: null,
    clientEpoch: null,
    ownerEpoch: null,
    ...token,
    subject,
    clientId,
    scopes: ScopeSet.of(scopes),
  };
  return Object.freeze(Object.defineProperty(complete, 'claims', { value: claims }) as AccessToken);
}

/**
 * Accepts the tokens of {@link withToken}. Use it to replace `TokenIntrospector` in a testing module: guards,
 * decorators and refusals are those of the application, and no authorization server is needed.
 */
export class TestIntrospector extends TokenIntrospector {
  /** @throws Error in production, because any client could make up a token */
  constructor() {
    super();
    if (process.env.NODE_ENV === 'production') {
      throw new Error('TestIntrospector believes every token, and is not for production');
    }
  }

  introspect(token: string): AccessToken | null {
    if (!token.startsWith(PREFIX)) return null;
    const text = Buffer.from(token.slice(PREFIX.length), 'base64url').toString();
    const complete = completeToken(JSON.parse(text) as TestToken);
    return complete.expiresAt !== null && complete.expiresAt <= Date.now() ? null : complete;
  }
}
