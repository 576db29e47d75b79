import { Injectable } from '@nestjs/common';
import type { Client, ClientSecret } from '../../clients/client.js';
import { ClientRepository } from '../../clients/client-repository.js';
import { ClientSecretUses } from '../../clients/client-secret-uses.js';
import { IMPOSSIBLE_SECRET_HASH, secretMatches } from '../../clients/client-secret-hash.js';
import { RefusalDelay } from '../../throttling/refusal-delay.js';
import { ClientSecretThrottle } from '../../throttling/client-secret-throttle.js';
import { OAuthError } from '../common/oauth-error.js';
import type { ClientCredentials } from './client-credentials.js';

/** No client has longer ones. */
const MAX_CLIENT_ID_LENGTH = 255;
const MAX_SECRET_LENGTH = 1024;

/** The peer of a request, and the arrival of the request by `performance.now()`. */
export interface Peer {
  readonly address: string;
  readonly arrivedAt: number;
}

interface Judgement {
  readonly client: Client | null;
  readonly matching: ClientSecret | null;
  /** `null`: the client is authenticated. */
  readonly failure: string | null;
}

@Injectable()
export class ClientAuthenticator {
  constructor(
    private readonly clients: ClientRepository,
    private readonly throttle: ClientSecretThrottle,
    private readonly refusalDelay: RefusalDelay,
    private readonly uses: ClientSecretUses,
  ) {}

  /**
   * @throws OAuthError invalid_client, with the same text for all causes; delayed by {@link RefusalDelay} when a peer
   *   has presented too many wrong secrets
   */
  async authenticate(credentials: ClientCredentials, { address, arrivedAt }: Peer): Promise<Client> {
    try {
      return await this.#authenticate(credentials);
    } catch (error) {
      const counts = error instanceof OAuthError && credentials.secret !== null;
      if (
        counts &&
        this.throttle.countFailure(credentials.clientId.slice(0, MAX_CLIENT_ID_LENGTH), address)
      ) {
        await this.refusalDelay.wait(arrivedAt);
      }
      throw error;
    }
  }

  /**
   * A cached client may be accepted but is never refused: a refusal always reads the database once, for existing and
   * unknown clients alike, so that both take the same time.
   */
  async #authenticate(credentials: ClientCredentials): Promise<Client> {
    const cached = this.#judge(credentials, (clientId) => this.clients.getCachedByClientId(clientId));
    const { client, matching, failure } =
      cached.failure === null ? cached : await this.#judgeAnew(credentials);
    if (client === null || failure !== null) throw OAuthError.invalidClient(failure ?? '');
    if (matching !== null) this.uses.note(matching.id);
    return client;
  }

  async #judgeAnew(credentials: ClientCredentials): Promise<Judgement> {
    const { clientId, asWritten } = credentials;
    const found = new Map<string, Client | null>();
    for (const name of new Set([clientId, asWritten?.clientId ?? clientId])) {
      const exists = name.length <= MAX_CLIENT_ID_LENGTH;
      found.set(name, exists ? await this.clients.rereadByClientId(name) : null);
    }
    return this.#judge(credentials, (name) => found.get(name) ?? null);
  }

  /** Compares both texts of the credentials in any case, so that the time does not reveal which one is right. */
  #judge(
    { clientId, secret, asWritten }: ClientCredentials,
    find: (clientId: string) => Client | null,
  ): Judgement {
    const first = this.#judgeText(find(clientId), secret);
    const judgements = [first];
    if (asWritten !== undefined) judgements.push(this.#judgeText(find(asWritten.clientId), asWritten.secret));
    return (
      judgements.find((judgement) => judgement.matching !== null) ??
      judgements.find((judgement) => judgement.client !== null) ??
      first
    );
  }

  #judgeText(named: Client | null, secret: string | null): Judgement {
    const client = (secret?.length ?? 0) <= MAX_SECRET_LENGTH ? named : null;
    const matching = client === null || secret === null ? null : this.#matchingSecret(client, secret);
    if (client === null && secret !== null) {
      secretMatches(secret.slice(0, MAX_SECRET_LENGTH), IMPOSSIBLE_SECRET_HASH);
    }
    const failure = client === null ? 'unknown client' : this.#failure(client, secret, matching);
    return { client, matching, failure };
  }

  #failure(client: Client, secret: string | null, matching: ClientSecret | null): string | null {
    if (client.clientType === 'public') {
      // RFC 6749 section 2.3: a public client has no credentials, so a secret is an error that must not be ignored.
      if (secret !== null) return 'a public client presented a secret';
    } else if (secret === null) {
      return 'a confidential client presented no secret';
    } else if (matching === null) {
      return 'wrong secret';
    }
    return client.enabled ? null : 'disabled client';
  }

  /** Compares with every secret, so that the time does not reveal which one matched. */
  #matchingSecret({ secrets }: Client, secret: string): ClientSecret | null {
    const now = Date.now();
    const current = secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
    const matches = current.map(({ hash }) => secretMatches(secret, hash));
    return current[matches.indexOf(true)] ?? null;
  }
}
