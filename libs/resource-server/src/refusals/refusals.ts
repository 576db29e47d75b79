import { Injectable, Logger } from '@nestjs/common';
import { REFUSAL_REASONS, type Refusal, type RefusalReason } from './refusal.js';
import { RepeatedWarning } from './repeated-warning.js';

/** Refusals in a row for the same reason after which a warning is logged. */
const MANY = 5;

/** What to check when every token is refused for this reason; other reasons do not concern all tokens. */
const ADVICE: Partial<Record<RefusalReason, string>> = {
  inactive:
    'The authorization server says that they are not active: they have ended, or it knows this API (clientId) by another audience',
  revoked: 'The revocation feed has ended them',
  issuer: 'Compare the option "issuer" with the iss of the tokens, character by character',
  audience: 'Compare the option "audience" with the aud of the tokens, character by character',
  expired: 'Compare the clock of this host with the clock of the authorization server',
  not_yet_valid: 'Compare the clock of this host with the clock of the authorization server',
  token_type: 'Clients must send access tokens, and no ID tokens',
  key_bound: 'Tokens that are bound to a key (DPoP, mutual TLS) are not supported',
  algorithm:
    'Compare the option "jwks.algorithms" with the algorithm that the authorization server signs with',
  unknown_key:
    'The issuer does not publish the key that they name: compare the option "jwks.uri" with the jwks_uri of the issuer, or leave it out',
  signature: 'Compare the option "jwks.uri" with the jwks_uri of the authorization server',
  claims: 'The tokens lack a claim, or have one of another type than RFC 9068 says',
  acr: 'No login was of a class that its route requires; tokens may lack the claim "acr"',
  login_age: 'No login is as recent as its route requires; tokens may lack the claim "auth_time"',
  scope: 'No token has the scope that its route requires',
};

/** An error that refuses a request. */
interface RefusingError {
  /** `null` when the application refuses for reasons of its own. */
  readonly refusal: Refusal | null;
  getStatus(): number;
}

/** Counts refused requests by reason since the start, and logs the reasons. Inject it for metrics. */
@Injectable()
export class Refusals {
  readonly #logger = new Logger('ResourceServer');
  readonly #warning = new RepeatedWarning(this.#logger);
  readonly #counts = Object.fromEntries(REFUSAL_REASONS.map((reason) => [reason, 0])) as Record<
    RefusalReason,
    number
  >;
  readonly #recorded = new WeakSet<RefusingError>();
  #lastReason: RefusalReason | null = null;
  #inARow = 0;

  /** The counts never decrease. */
  get counts(): Readonly<Record<RefusalReason, number>> {
    return this.#counts;
  }

  /**
   * Records a refusal once, even if it is passed several times.
   *
   * @param place the target of the request, such as `OrdersController.read`; never its path, which may contain secrets
   */
  record(error: RefusingError, place: string): void {
    const { refusal } = error;
    if (refusal === null || this.#recorded.has(error)) return;
    this.#recorded.add(error);
    this.#counts[refusal.reason]++;
    // An unavailable authorization server is logged as an error elsewhere.
    if (refusal.reason !== 'unavailable') {
      this.#logger.debug(`Refused with ${error.getStatus()} at ${place}: ${refusal.toString()}`);
    }
    this.#compare(refusal);
  }

  /** A token was accepted, so not all tokens are refused. */
  accepted(): void {
    this.#inARow = 0;
  }

  #compare(refusal: Refusal): void {
    const advice = ADVICE[refusal.reason];
    if (advice === undefined) return;
    this.#inARow = refusal.reason === this.#lastReason ? this.#inARow + 1 : 1;
    this.#lastReason = refusal.reason;
    if (this.#inARow < MANY) return;
    this.#warning.warn(
      () =>
        `All of the last ${this.#inARow} access tokens were refused for one reason: ${refusal.toString()}. ${advice}`,
    );
  }
}
