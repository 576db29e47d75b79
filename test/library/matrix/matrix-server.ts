import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { ResourceServerOptions } from '@latchkey/resource-server';
import { eventually } from '../../support/eventually.js';
import { FeedServer } from '../support/feed-server.js';
import { AUDIENCE, IntrospectionServer, ISSUER } from '../support/introspection-server.js';
import { play } from './play.js';

/** A token that is good until {@link MatrixServer.revoke}. */
const REVOKED = {
  method: 'GET',
  path: '/api/plain',
  headers: ['authorization', 'Bearer revoked'],
  status: 200,
};

/** Stands in for the authorization server, and knows the tokens of the requests by their names. */
export class MatrixServer {
  private constructor(
    private readonly introspection: IntrospectionServer,
    private readonly feed: FeedServer,
  ) {}

  static async start(): Promise<MatrixServer> {
    const server = new MatrixServer(await IntrospectionServer.start(), await FeedServer.start());
    server.#registerTokens();
    return server;
  }

  get options(): ResourceServerOptions {
    return {
      introspectionEndpoint: this.introspection.url,
      clientId: 'api',
      clientSecret: 'the-secret',
      issuer: ISSUER,
      audience: AUDIENCE,
      // A slow machine is not an outage.
      timeoutMs: 30_000,
      revocationFeed: { endpoint: this.feed.url },
      resourceMetadata: { resource: AUDIENCE },
    };
  }

  /**
   * Ends the session of a token that the application has accepted, and remembers.
   *
   * @param before what is done with the token while it is good
   */
  async revoke(url: string, before: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const sid = randomUUID();
    this.introspection.token('revoked', { sid, client_epoch: 1, user_epoch: 1 });
    expect((await play(url, REVOKED)).status).toBe(200);
    await before();
    this.introspection.token('revoked', { active: false });
    this.feed.revoke({ sid });
    await eventually(async () => expect((await play(url, REVOKED)).status).toBe(401));
  }

  async stop(): Promise<void> {
    await this.introspection.stop();
    await this.feed.stop();
  }

  #registerTokens(): void {
    const tokens: Record<string, Record<string, unknown>> = {
      good: {},
      bare: { scope: undefined },
      writer: { scope: 'read write' },
      ruled: { scope: 'read rule' },
      bob: { sub: 'bob', username: 'bob' },
      mallory: { sub: 'mallory', username: 'mallory' },
      client: { sub: 'shop-backend', username: undefined },
      staff: { groups: ['staff', 'all'] },
      strong: { acr: 'urn:strong', auth_time: Math.floor(Date.now() / 1000) - 60 },
      expired: { exp: Math.floor(Date.now() / 1000) - 60 },
      'other-audience': { aud: 'https://other.example' },
      'other-issuer': { iss: 'https://other.example' },
      unsound: { exp: 'tomorrow' },
    };
    for (const [name, claims] of Object.entries(tokens)) this.introspection.token(name, claims);
  }
}
