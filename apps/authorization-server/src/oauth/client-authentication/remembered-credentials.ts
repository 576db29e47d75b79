import { hash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Client } from '../../clients/client.js';
import { ClientRepository } from '../../clients/client-repository.js';

/** More clients than talk to one server in a minute. */
const MAX_REMEMBERED = 10_000;

/** After this long the credentials are checked in full again, in milliseconds. */
const LIFETIME_MS = 60_000;

interface Proof {
  readonly client: Client;
  readonly until: number;
}

/**
 * Which clients have just proved who they are with which `Authorization` header. A client sends the same header with
 * every request, and decoding, Passport and the comparison of secrets cost more than the rest of an introspection.
 *
 * A proof holds for one state of the client: any change of the client or its secrets ends it at once. Headers are kept
 * as digests under a key of this process, and only those with a right secret.
 */
@Injectable()
export class RememberedCredentials {
  readonly #key = randomBytes(32).toString('base64');
  readonly #proofs = new Map<string, Proof>();

  constructor(private readonly clients: ClientRepository) {}

  /** @returns the client that this header proved, unless that is too long ago or the client has changed since */
  recall(authorization: string): Client | null {
    const proof = this.#proofs.get(this.#digest(authorization));
    if (proof === undefined || proof.until <= Date.now()) return null;
    const { client } = proof;
    return this.clients.recallByClientId(client.clientId) === client ? client : null;
  }

  /** @param client that the header has just proved, and that is enabled */
  remember(authorization: string, client: Client): void {
    const now = Date.now();
    // A secret that ends must not be taken for good any longer than that.
    const ends = client.secrets.map(({ expiresAt }) => expiresAt ?? Infinity).filter((end) => end > now);
    if (this.#proofs.size >= MAX_REMEMBERED) this.#proofs.clear();
    this.#proofs.set(this.#digest(authorization), { client, until: Math.min(now + LIFETIME_MS, ...ends) });
  }

  #digest(authorization: string): string {
    return hash('sha256', this.#key + authorization, 'base64');
  }
}
