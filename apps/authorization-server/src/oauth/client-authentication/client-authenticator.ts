import { Injectable } from '@nestjs/common';
import type { Client } from '../../clients/client.js';
import { ClientRepository } from '../../clients/client-repository.js';
import { IMPOSSIBLE_SECRET_HASH, secretMatches } from '../../clients/client-secret-hash.js';
import { OAuthError } from '../common/oauth-error.js';
import type { ClientCredentials } from './client-credentials.js';

/** Longer ones are nobody's. */
const MAX_CLIENT_ID_LENGTH = 255;
const MAX_SECRET_LENGTH = 1024;

@Injectable()
export class ClientAuthenticator {
  constructor(private readonly clients: ClientRepository) {}

  /** @throws OAuthError invalid_client, with one text for all causes */
  async authenticate({ clientId, secret }: ClientCredentials): Promise<Client> {
    const known = clientId.length <= MAX_CLIENT_ID_LENGTH && (secret?.length ?? 0) <= MAX_SECRET_LENGTH;
    const client = known ? await this.clients.findByClientId(clientId) : null;
    const failure = client === null ? 'unknown client' : this.#failure(client, secret);
    if (client === null || failure !== null) {
      if (client === null && secret !== null)
        secretMatches(secret.slice(0, MAX_SECRET_LENGTH), IMPOSSIBLE_SECRET_HASH);
      throw OAuthError.invalidClient(failure ?? '');
    }
    return client;
  }

  #failure(client: Client, secret: string | null): string | null {
    if (client.clientType === 'public') {
      // RFC 6749 section 2.3: a public client has no credentials, so a secret is a mistake that must not pass.
      if (secret !== null) return 'a public client presented a secret';
    } else if (secret === null) {
      return 'a confidential client presented no secret';
    } else if (!this.#hasSecret(client, secret)) {
      return 'wrong secret';
    }
    return client.enabled ? null : 'disabled client';
  }

  /** Compares with every secret, so that the time does not tell which one matched. */
  #hasSecret({ secrets }: Client, secret: string): boolean {
    const now = Date.now();
    const current = secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
    return current.map(({ hash }) => secretMatches(secret, hash)).includes(true);
  }
}
