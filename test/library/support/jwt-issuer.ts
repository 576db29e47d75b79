import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { canonical } from '../../support/second-texts.js';
import { answerJson, AUDIENCE, ISSUER } from './introspection-server.js';

interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function newSigningKey(kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
}

/** Signs access tokens and serves the keys to check them with. */
export class JwtIssuer {
  /** Requests for the keys. */
  fetches = 0;
  /** Answers requests for the keys in another way; `null` ends it. */
  misbehaviour: ((response: ServerResponse) => void) | null = null;

  private constructor(
    private readonly server: Server,
    /** What is served. */
    public keys: SigningKey[],
  ) {}

  static async start(): Promise<JwtIssuer> {
    const server = createServer();
    const issuer = new JwtIssuer(server, [await newSigningKey('key-1')]);
    server.on('request', (_request, response) => issuer.#serve(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/jwks`;
  }

  /** An access token as Latchkey signs it; `changes` replace or (with `undefined`) remove claims and header parameters. */
  async sign(
    changes: Record<string, unknown> = {},
    { key = this.keys[0], header = {} }: { key?: SigningKey; header?: Record<string, unknown> } = {},
  ): Promise<string> {
    if (key === undefined) throw new Error('There is no key');
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: ISSUER,
      sub: 'alice',
      aud: AUDIENCE,
      exp: now + 300,
      iat: now,
      jti: 'token-1',
      client_id: 'shop-backend',
      scope: 'read',
      sid: 'session-1',
      auth_time: now,
      ...changes,
    };
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: key.kid, ...header })
      .sign(key.privateKey);
    return canonical(token);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #serve(response: ServerResponse): void {
    this.fetches++;
    if (this.misbehaviour !== null) return this.misbehaviour(response);
    answerJson(response, { keys: this.keys.map(({ jwk }) => jwk) });
  }
}
