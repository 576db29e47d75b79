import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { FakeFeed } from './fake-feed.js';
import { completeToken, type TestToken, type TokenHeaders } from './test-tokens.js';

/** Options of the module for an application that uses a fake server. */
export interface FakeServerOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly introspectionEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly revocationFeed: { readonly endpoint: string };
}

/** Properties of a token of the server. Its roles, and whether it belongs to an owner, follow from its claims. */
export type ServerToken = Omit<TestToken, 'roles' | 'isOwnerToken'>;

interface Issued {
  readonly sessionId: string;
  readonly answer: Readonly<Record<string, unknown>>;
}

/**
 * An authorization server for tests, on a port of this host. It has the introspection and the revocation feed of
 * Latchkey, for tokens that the test creates. The application uses it in the same way as in production.
 */
export class FakeAuthorizationServer {
  readonly #feed = new FakeFeed();
  readonly #tokens = new Map<string, Issued>();

  private constructor(
    private readonly server: Server,
    private readonly audience: string,
  ) {}

  /** @param audience of the tokens and of the application */
  static async start({ audience = 'https://api.example/' } = {}): Promise<FakeAuthorizationServer> {
    const server = createServer();
    const fake = new FakeAuthorizationServer(server, audience);
    server.on('request', (request, response) => void fake.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  /** The URL, which is also its issuer. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** For `ResourceServerModule.register()`. An application that reads its environment gets the same values there. */
  get options(): FakeServerOptions {
    return {
      issuer: this.url,
      audience: this.audience,
      introspectionEndpoint: `${this.url}/oauth/introspect`,
      clientId: 'api',
      clientSecret: 'secret',
      revocationFeed: { endpoint: `${this.url}/oauth/revocations` },
    };
  }

  /** Issues a token. Each call returns a different one. */
  token(token: ServerToken = {}): string {
    const complete = completeToken(token);
    const sessionId = complete.sessionId ?? randomUUID();
    const text = `fake.${randomUUID()}`;
    this.#tokens.set(text, {
      sessionId,
      answer: {
        ...token.claims,
        active: true,
        iss: token.issuer ?? this.url,
        aud: token.audience ?? this.audience,
        ...(complete.subject !== null && { sub: complete.subject }),
        ...(complete.clientId !== null && { client_id: complete.clientId }),
        ...(complete.username !== null && { username: complete.username }),
        ...(complete.acr !== null && { acr: complete.acr }),
        ...(complete.tokenId !== null && { jti: complete.tokenId }),
        ...(complete.issuedAt !== null && { iat: complete.issuedAt / 1000 }),
        ...(complete.expiresAt !== null && { exp: complete.expiresAt / 1000 }),
        ...(complete.authenticatedAt !== null && { auth_time: complete.authenticatedAt / 1000 }),
        scope: complete.scopes.toString(),
        groups: complete.groups,
        amr: complete.amr,
        token_type: 'Bearer',
        sid: sessionId,
        client_epoch: complete.clientEpoch ?? 1,
        user_epoch: complete.ownerEpoch ?? 1,
      },
    });
    return text;
  }

  /** The header of a request with a new token. */
  withToken(token: ServerToken = {}): TokenHeaders {
    return { authorization: `Bearer ${this.token(token)}` };
  }

  /**
   * Revokes a token, and all tokens of its session. Introspection shows it at once, and the feed sends it; the
   * application receives it a moment later.
   *
   * @param token a text or a header from this server
   * @throws Error when this server has not issued it
   */
  revoke(token: string | TokenHeaders): void {
    const issued = this.#tokens.get(typeof token === 'string' ? token : token.authorization.slice(7));
    if (issued === undefined) throw new Error('The token is not one of this server');
    for (const [text, { sessionId }] of this.#tokens)
      if (sessionId === issued.sessionId) this.#tokens.delete(text);
    this.#feed.end(issued.sessionId);
  }

  async stop(): Promise<void> {
    this.#feed.stop();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.authorization === undefined) return void response.writeHead(401).end();
    if (request.url === '/oauth/revocations') return this.#feed.accept(response);
    if (request.url !== '/oauth/introspect') return void response.writeHead(404).end();
    const token = new URLSearchParams(await text(request)).get('token') ?? '';
    const answer = this.#tokens.get(token)?.answer ?? { active: false };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }
}
