import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { answerJson } from './introspection-server.js';

interface RsaKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  /** As Entra ID publishes it: without `alg`. */
  readonly jwk: JWK;
}

export async function newRsaKey(kid: string): Promise<RsaKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig' } };
}

/** An OpenID provider of any make: its metadata, its keys, and JWTs of any shape. */
export class ForeignIssuer {
  /** Paths that were asked for. */
  readonly asked: string[] = [];
  /** What its metadata says otherwise. */
  metadata: Record<string, unknown> = {};
  /** Answers in another way; `null` ends it. */
  misbehaviour: ((response: ServerResponse) => void) | null = null;

  private constructor(
    private readonly server: Server,
    /** What is served. */
    public keys: RsaKey[],
    private readonly path: string,
  ) {}

  /** @param path of the issuer, behind its host */
  static async start(path = ''): Promise<ForeignIssuer> {
    const server = createServer();
    const issuer = new ForeignIssuer(server, [await newRsaKey('key-1')], path);
    server.on('request', ({ url = '' }, response) => issuer.#answer(url, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return issuer;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get issuer(): string {
    return this.origin + this.path;
  }

  /** @param claims besides `iss`, `iat` and `exp`, or in their place; `undefined` leaves one out */
  async sign(
    claims: Record<string, unknown>,
    header: Record<string, unknown> = {},
    key = this.keys[0],
  ): Promise<string> {
    if (key === undefined) throw new Error('There is no key');
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ iss: this.issuer, iat: now, exp: now + 300, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: key.kid, ...header })
      .sign(key.privateKey);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #answer(url: string, response: ServerResponse): void {
    this.asked.push(url);
    if (this.misbehaviour !== null) return this.misbehaviour(response);
    if (url === `${this.path.replace(/\/$/, '')}/.well-known/openid-configuration`) {
      return answerJson(response, {
        issuer: this.issuer,
        jwks_uri: `${this.origin}/keys`,
        ...this.metadata,
      });
    }
    if (url === '/keys') return answerJson(response, { keys: this.keys.map(({ jwk }) => jwk) });
    response.writeHead(404).end();
  }
}
