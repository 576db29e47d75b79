import { hash, randomBytes } from 'node:crypto';
import { countHeaderLines } from '@latchkey/platform/http';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Client } from '../../clients/client.js';
import { ClientRepository } from '../../clients/client-repository.js';
import { FormParameters } from '../common/form-parameters.js';
import { OAuthError } from '../common/oauth-error.js';
import { assertNoOtherCredentials } from './client-credentials.js';

/** More clients than talk to one server in a minute. */
const MAX_CACHED = 10_000;

/** After this long the credentials are checked in full again, in milliseconds. */
const LIFETIME_MS = 60_000;

interface Proof {
  readonly client: Client;
  readonly until: number;
}

/**
 * Which client each `Authorization` header has just authenticated. A client sends the same header with every request, and
 * decoding, Passport and the comparison of secrets cost more than the rest of an introspection.
 *
 * An entry holds for one state of the client: any change of the client or its secrets ends it at once. Headers are kept
 * as digests under a key of this process, and only those with a right secret.
 */
@Injectable()
export class ClientAuthenticationCache {
  readonly #key = randomBytes(32).toString('base64');
  readonly #proofs = new LRUCache<string, Proof>({ max: MAX_CACHED });

  constructor(private readonly clients: ClientRepository) {}

  /**
   * @returns the client that the request's header has just authenticated; `null` when that is too long ago, the client has
   *   changed since, or the header was never seen
   * @throws OAuthError invalid_request when the request has other credentials, too
   */
  clientOf({ raw, headers: { authorization }, body }: FastifyRequest): Client | null {
    if (countHeaderLines(raw, 'authorization') > 1) throw OAuthError.severalCredentials();
    const client = authorization === undefined ? null : this.getCached(authorization);
    if (client !== null) {
      assertNoOtherCredentials(body instanceof FormParameters ? body : FormParameters.NONE, client.clientId);
    }
    return client;
  }

  /** @returns the client of this header, unless that is too long ago or the client has changed since */
  getCached(authorization: string): Client | null {
    const proof = this.#proofs.get(this.#digest(authorization));
    if (proof === undefined || proof.until <= Date.now()) return null;
    const { client } = proof;
    return this.clients.getCachedByClientId(client.clientId) === client ? client : null;
  }

  /** @param client that the header has just authenticated, and that is enabled */
  cache(authorization: string, client: Client): void {
    const now = Date.now();
    // A secret that ends must not be accepted any longer than that.
    const ends = client.secrets.map(({ expiresAt }) => expiresAt ?? Infinity).filter((end) => end > now);
    this.#proofs.set(this.#digest(authorization), { client, until: Math.min(now + LIFETIME_MS, ...ends) });
  }

  #digest(authorization: string): string {
    return hash('sha256', this.#key + authorization, 'base64');
  }
}
