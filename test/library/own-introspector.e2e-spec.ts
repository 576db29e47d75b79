import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { ScopeSet } from '@latchkey/contracts';
import { CurrentToken, TokenIntrospector, type AccessToken } from '@latchkey/resource-server';
import { startApplication, type ProtectedApplication } from './support/protected-application.js';

type Answer = ReturnType<TokenIntrospector['introspect']>;

/** What an application knows about tokens by itself. */
class OwnIntrospector extends TokenIntrospector {
  constructor(private readonly answer: () => Answer) {
    super();
  }

  introspect(): Answer {
    return this.answer();
  }
}

@Controller()
class NotesController {
  @Get()
  read(@CurrentToken() token: AccessToken) {
    return { sub: token.subject };
  }

  /** Does not look at the token: only the guard stands between it and the public. */
  @Get('careless')
  careless() {
    return 'secret';
  }
}

const TOKEN: AccessToken = {
  subject: 'alice',
  clientId: 'shop',
  expiresAt: Date.now() + 60_000,
  issuedAt: null,
  issuer: 'https://as.example',
  audience: ['https://api.example'],
  tokenId: null,
  sessionId: null,
  username: null,
  groups: [],
  roles: [],
  isOwnerToken: true,
  acr: null,
  amr: [],
  authenticatedAt: null,
  claims: {},
  clientEpoch: null,
  ownerEpoch: null,
  scopes: ScopeSet.of([]),
};

/** As of a library with promises of its own. */
const thenable = (value: AccessToken | null) =>
  ({ then: (resolve: (value: AccessToken | null) => void) => resolve(value) }) as Promise<AccessToken | null>;

describe('An introspector of the application', () => {
  let application: ProtectedApplication;

  const call = async (answer: () => Answer, token = 'token', path = '/', cache = {}) => {
    application = await startApplication([NotesController], {
      introspectionEndpoint: 'https://as.example/introspect',
      introspector: new OwnIntrospector(answer),
      cache,
    });
    return application.call(path, token);
  };

  afterEach(() => application.close());

  it.each<[string, () => Answer]>([
    ['at once', () => TOKEN],
    ['later', () => Promise.resolve(TOKEN)],
    ['by a promise of another make', () => thenable(TOKEN)],
  ])('lets a token pass %s', async (_, answer) => {
    const response = await call(answer);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ sub: 'alice' });
  });

  it.each<[string, () => Answer]>([
    ['at once', () => null],
    ['later', () => Promise.resolve(null)],
    ['by a promise of another make', () => thenable(null)],
  ])('refuses a token %s', async (_, answer) => {
    const response = await call(answer);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it.each([
    ['two words', 401, 'invalid_token'],
    ['token, Bearer token', 400, 'invalid_request'],
    ['a'.repeat(9000), 401, 'invalid_token'],
  ])('is not asked about what is no token', async (token, status, error) => {
    let asked = 0;
    const response = await call(() => {
      asked++;
      return TOKEN;
    }, token);
    expect(response.status).toBe(status);
    expect(response.headers.get('www-authenticate')).toContain(`error="${error}"`);
    expect(asked).toBe(0);
  });

  it.each<[string, () => Answer]>([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['fails', () => Promise.reject(new Error('no'))],
    ['answers nothing', () => undefined as unknown as Answer],
    ['answers nothing later', () => Promise.resolve(undefined) as unknown as Answer],
    ['answers yes', () => true as unknown as Answer],
    ['answers without scopes', () => ({ ...TOKEN, scopes: undefined }) as unknown as Answer],
    ['answers with scopes as text', () => Promise.resolve({ ...TOKEN, scopes: 'read' }) as unknown as Answer],
  ])('that %s lets nobody pass', async (_, answer) => {
    expect((await call(answer, 'token', '/careless')).status).toBe(500);
  });

  it('that answers without scopes lets nobody pass where answers are remembered', async () => {
    const answer = () => ({ ...TOKEN, scopes: undefined }) as unknown as Answer;
    expect((await call(answer, 'token', '/careless', { ttlMs: 60_000 })).status).toBe(500);
    expect((await application.call('/careless', 'token')).status).toBe(500);
  });
});
