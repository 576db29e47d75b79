import { Inject, Injectable } from '@nestjs/common';
import { networkOf, RepeatedWarning } from '@latchkey/platform';
import type { Logger } from 'pino';
import { Counter, Registry } from 'prom-client';
import type { Client } from '../../clients/client.js';
import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { CONFIG, LOGGER } from '../../config/config.token.js';
import { OAuthError } from '../common/oauth-error.js';
import { RateLimit } from './rate-limit.js';

const ENDPOINTS = ['token', 'revocation'] as const;

export type RatedEndpoint = (typeof ENDPOINTS)[number];

/**
 * How often a client may ask for tokens and revoke them. Each server counts what it sees itself: what is protected are its
 * own processor and writer, and the room that others have for what it tells, which is shared between clients anyway.
 */
@Injectable()
export class ClientRates {
  readonly #limits: Readonly<Record<RatedEndpoint, RateLimit>>;
  readonly #refusals: Counter;
  readonly #warning: RepeatedWarning;

  constructor(
    @Inject(CONFIG) { clientRates }: Pick<AuthorizationServerConfig, 'clientRates'>,
    registry: Registry,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#limits = {
      token: new RateLimit(clientRates.token),
      revocation: new RateLimit(clientRates.revocation),
    };
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
   * @param client is authenticated, so that no other client uses up its rate. A public client cannot be, so it has a rate for
   *   each address that it is used from
   * @throws OAuthError 429 (RFC 6585 section 4)
   */
  assertWithin(endpoint: RatedEndpoint, { clientId, clientType }: Client, address: string): void {
    const key = clientType === 'public' ? `${clientId} ${networkOf(address) ?? address}` : clientId;
    const wait = this.#limits[endpoint].take(key, performance.now());
    if (wait === 0) return;
    this.#refusals.inc({ endpoint });
    this.#warning.happened(() => ({ endpoint, client_id: clientId, address }));
    throw OAuthError.tooManyRequests(Math.ceil(wait / 1000));
  }
}
