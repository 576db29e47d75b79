import { hash, randomBytes } from 'node:crypto';
import { growingTo } from '@latchkey/platform/caching';
import { countHeaderLines } from '@latchkey/platform/http';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Client } from '../../clients/client.js';
import { ClientRepository } from '../../clients/client-repository.js';
import { FormParameters } from '../common/form-parameters.js';
import { OAuthError } from '../common/oauth-error.js';
import { assertNoOtherCredentials } from './client-credentials.js';

/** More clients than normally use one server within a minute. */
const MAX_CACHED = 10_000;

/** Milliseconds after which the credentials are checked in full again. */
const LIFETIME_MS = 60_000;

interface Proof {
  readonly client: Client;
  readonly until: number;
}

/**
 * Maps `Authorization` headers to the clients that they have recently authenticated. A client sends the same header
 * with every request, and decoding, Passport and the comparison of secrets cost more than the rest of an introspection.
 *
 * An entry is valid for one state of the client: any change of the client or its secrets invalidates it. Only headers
 * with a right secret are cached, as digests under a key of this process.
 */
@Injectable()
export class ClientAuthenticationCache {
  readonly #key = randomBytes(32).toString('base64');
  readonly #proofs = new LRUCache<string, Proof>(growingTo(MAX_CACHED));

  constructor(private readonly clients: ClientRepository) {}

  /**
   * @returns the client that the request's header has recently authenticated; `null` when the header is not cached, the
   *   entry has expired, or the client has changed since
   * @throws OAuthError invalid_request when the request also has other credentials
   */
  clientOf({ raw, headers: { authorization }, body }: FastifyRequest): Client | null {
    if (countHeaderLines(raw, 'authorization') > 1) throw OAuthError.severalCredentials();
    const client = authorization === undefined ? null : this.getCached(authorization);
    if (client !== null) {
      assertNoOtherCredentials(body instanceof FormParameters ? body : FormParameters.NONE, client.clientId);
    }
    return client;
  }

  /** @returns the client of this header; `null` when the entry has expired or the client has changed since */
  getCached(authorization: string): Client | null {
    const proof = this.#proofs.get(this.#digest(authorization));
    if (proof === undefined || proof.until <= Date.now()) return null;
    const { client } = proof;
    return this.clients.getCachedByClientId(client.clientId) === client ? client : null;
  }

  /** @param client enabled, and authenticated by the header just now */
  cache(authorization: string, client: Client): void {
    const now = Date.now();
    // An expired secret must not be accepted from the cache.
    const ends = client.secrets.map(({ expiresAt }) => expiresAt ?? Infinity).filter((end) => end > now);
    this.#proofs.set(this.#digest(authorization), { client, until: Math.min(now + LIFETIME_MS, ...ends) });
  }

  #digest(authorization: string): string {
    return hash('sha256', this.#key + authorization, 'base64');
  }
}
