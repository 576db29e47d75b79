import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { withLowS } from '@latchkey/contracts';
import { SignJWT } from 'jose';
import type { FeedState, FreshnessStatus } from '../feed/freshness-status.js';
import { Refusal } from '../refusals/refusal.js';
import type { TokenChecks } from './token-checks.js';

export const OTHER = 'https://other.example';
export const AUDIENCE = 'https://api.example/';

/** The keys of issuers, on a port of this host, and the JWTs that they sign. */
export class KeyServer {
  /** How often the keys were fetched. */
  asked = 0;
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #server: Server;

  constructor() {
    const keys = [{ ...this.#keys.publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256' }];
    this.#server = createServer((_, response) => {
      this.asked++;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
    });
  }

  async start(): Promise<this> {
    await listen(this.#server);
    return this;
  }

  /** The option of the module. */
  get jwks(): { uri: string } {
    return { uri: `${urlOf(this.#server)}/keys` };
  }

  async jwt(iss: string, claims: object = {}, kid = 'k'): Promise<string> {
    const iat = Math.floor(Date.now() / 1000);
    const payload = {
      iss,
      aud: AUDIENCE,
      sub: 'alice',
      client_id: 'shop',
      iat,
      exp: iat + 60,
      jti: '1',
      ...claims,
    };
    const header = { alg: 'ES256', typ: 'at+jwt', kid };
    const token = await new SignJWT(payload).setProtectedHeader(header).sign(this.#keys.privateKey);
    const signed = token.slice(0, token.lastIndexOf('.') + 1);
    // Of the two signatures in the form that Latchkey gives.
    return signed + withLowS(Buffer.from(token.slice(signed.length), 'base64url')).toString('base64url');
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

export function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

export function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Resolves when the feed has this state, which it may have already. */
export function feedIs(status: FreshnessStatus, state: FeedState): Promise<void> {
  return new Promise((resolve) => {
    if (status.feedState === state) return resolve();
    status.onFeedStateChange((now) => {
      if (now === state) resolve();
    });
  });
}

/** @returns the reason of the refusal, or `accepted` */
export async function verdictOf({ lookup }: TokenChecks, token: string): Promise<string> {
  const verdict = await lookup.lookUp(token);
  return verdict instanceof Refusal ? verdict.reason : 'accepted';
}
