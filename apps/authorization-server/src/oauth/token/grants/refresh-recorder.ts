import { Inject, Injectable } from '@nestjs/common';
import { networkOf } from '@latchkey/platform/http';
import type { Logger } from 'pino';
import { Counter, Registry } from 'prom-client';
import type { RepeatReason } from '../../../audit/audit-event.js';
import { FailureCounts } from '../../../audit/failure-counts.js';
import type { CachedAuthorization, LiveAuthorization } from '../../../authorizations/authorization.js';
import type { RefreshDecision } from '../../../authorizations/refresh-decision.js';
import { LOGGER } from '../../../config/config.token.js';
import { OAuthError } from '../../common/oauth-error.js';
import type { TokenRequest } from './grant-handler.js';
import { requestAddress } from './read-login-source.js';

/** `unknown`: no refresh token of this client; `ended`: its authorization is no longer alive. */
type RefreshOutcome = RefreshDecision | 'unknown' | 'ended';

const LABELS: Readonly<Record<RefreshOutcome, string>> = {
  rotate: 'rotated',
  repeat: 'repeated',
  reuse: 'reuse',
  rollback: 'rollback',
  expired: 'expired',
  clock: 'clock',
  unknown: 'unknown',
  ended: 'ended',
};

const CLOCK_DETAIL = 'the refresh token was spent at a time in the future: the clock was set back';

/**
 * Records the outcome of each refresh in the log and the metrics. An audit event is stored only if the refresh ends an
 * authorization, or may be the use of a stolen token.
 */
@Injectable()
export class RefreshRecorder {
  readonly #refreshes: Counter;

  constructor(
    registry: Registry,
    private readonly counts: FailureCounts,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#refreshes = new Counter({
      name: 'latchkey_refreshes_total',
      help: `Refresh tokens presented by their own clients, by outcome: ${Object.values(LABELS).join(', ')}`,
      labelNames: ['outcome'],
      registers: [registry],
    });
    for (const outcome of Object.values(LABELS)) this.#refreshes.inc({ outcome }, 0);
  }

  /**
   * @param detail for the log line of the refused request
   * @returns the error for the client
   */
  refused(outcome: RefreshOutcome, detail: string = outcome): OAuthError {
    this.#refreshes.inc({ outcome: LABELS[outcome] });
    // Clients discard a token that is called invalid, but this one may be valid again when the clock has caught up.
    if (outcome === 'clock') return OAuthError.temporarilyUnavailable(undefined, CLOCK_DETAIL);
    return OAuthError.invalidRefreshToken(detail);
  }

  /**
   * Resolves when a repeat within the grace is recorded. A client that retries looks the same as a thief who comes
   * shortly after it. They differ in the address they come from, and in how often it happens.
   *
   * @param generation of the token that was presented
   */
  async repeated(
    generation: number,
    { authorization, owner }: LiveAuthorization,
    { client, context }: TokenRequest,
  ): Promise<void> {
    const isSpent = generation < authorization.generation;
    const address = requestAddress(client, context);
    const reason = repeatReason(isSpent, authorization.rotatedFrom, address);
    if (reason === null) return;
    const event = {
      kind: 'refresh_token_repeated',
      outcome: 'success',
      actor: client.clientId,
      clientId: client.clientId,
      sid: authorization.id,
      address,
      requestId: context.requestId,
      detail: { reason, token: isSpent ? 'spent' : 'current', rotated_from: authorization.rotatedFrom },
      ...(owner !== null && { subject: owner.sub }),
    } as const;
    await this.counts.count(event, null);
  }

  granted(
    outcome: 'rotate' | 'repeat',
    { authorization, owner }: LiveAuthorization<CachedAuthorization>,
    { client, context }: TokenRequest,
  ): void {
    this.#refreshes.inc({ outcome: LABELS[outcome] });
    this.logger.info(
      {
        event: 'refresh',
        outcome: LABELS[outcome],
        client_id: client.clientId,
        subject: owner?.sub,
        sid: authorization.id,
        request_id: context.requestId,
      },
      'refreshed',
    );
  }
}

function repeatReason(isSpent: boolean, rotatedFrom: string | null, address: string): RepeatReason | null {
  if (rotatedFrom !== null && networkOf(rotatedFrom) !== networkOf(address)) return 'other_address';
  return isSpent ? 'spent_token' : null;
}
