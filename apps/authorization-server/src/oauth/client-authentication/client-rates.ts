import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { networkOf } from '@latchkey/platform/http';
import { RepeatedWarning } from '@latchkey/platform/logging';
import type { Logger } from 'pino';
import { Counter, Registry } from 'prom-client';
import type { Client } from '../../clients/client.js';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { CONFIG, LOGGER } from '../../config/config.token.js';
import { OAuthError } from '../common/oauth-error.js';
import { RateLimit } from './rate-limit.js';

const ENDPOINTS = ['token', 'revocation', 'feed'] as const;

/** Delay of a refusal, in milliseconds. After it there is room again, so an immediate retry causes little load. */
const REFUSAL_DELAY_MS = 1000;

/** Share of all connections that may wait with a delayed refusal. */
const DELAYED_SHARE = 0.25;

type RatedEndpoint = (typeof ENDPOINTS)[number];

/**
 * Limits how often a client may request tokens, revoke them and open streams of the revocation feed. Each server counts
 * its own requests: the rates protect its processor, its database writes and the capacity for other clients.
 */
@Injectable()
export class ClientRates {
  readonly #limits: Readonly<Record<RatedEndpoint, RateLimit>>;
  readonly #refusals: Counter;
  readonly #warning: RepeatedWarning;
  readonly #maxDelayed: number;
  #delayed = 0;

  constructor(
    @Inject(CONFIG) { clientRates, http }: Pick<AuthorizationServerConfig, 'clientRates' | 'http'>,
    registry: Registry,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#limits = {
      token: new RateLimit(clientRates.token),
      revocation: new RateLimit(clientRates.revocation),
      feed: new RateLimit(clientRates.feed),
    };
    this.#maxDelayed = http.maxConnections * DELAYED_SHARE;
    this.#refusals = new Counter({
      name: 'latchkey_client_rate_refusals_total',
      help: 'Requests of clients that sent too many, by endpoint',
      labelNames: ['endpoint'],
      registers: [registry],
    });
    for (const endpoint of ENDPOINTS) this.#refusals.inc({ endpoint }, 0);
    this.#warning = new RepeatedWarning(logger, 'a client sends too many requests');
  }

  /**
   * Resolves when the request may proceed: the requests of a client are spread out over the second.
   *
   * @param client an authenticated client, so that no other client uses up its rate. A public client cannot
   *   authenticate, so it has a rate for each of its addresses
   * @throws OAuthError 429 (RFC 6585 section 4), a second later
   */
  async takeTurn(endpoint: RatedEndpoint, { clientId, clientType }: Client, address: string): Promise<void> {
    const key = clientType === 'public' ? `${clientId} ${networkOf(address) ?? address}` : clientId;
    const delay = this.#limits[endpoint].schedule(key, performance.now());
    if (delay === null) await this.#refuse(endpoint, clientId, address);
    else if (delay > 0) await sleep(delay);
  }

  async #refuse(endpoint: RatedEndpoint, clientId: string, address: string): Promise<never> {
    this.#refusals.inc({ endpoint });
    this.#warning.happened(() => ({ endpoint, client_id: clientId, address }));
    if (this.#delayed < this.#maxDelayed) {
      this.#delayed++;
      await sleep(REFUSAL_DELAY_MS);
      this.#delayed--;
    }
    throw OAuthError.tooManyRequests(REFUSAL_DELAY_MS / 1000);
  }
}
