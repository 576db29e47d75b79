import type { OAuthErrorCode } from '@latchkey/contracts';

interface OAuthErrorOptions {
  /** For the log only. */
  detail?: string;
  cause?: unknown;
  /** Seconds. */
  retryAfter?: number;
  /** Further members of the answer. */
  members?: Readonly<Record<string, unknown>>;
}

/** Seconds until a message may be sent that could not be sent. */
const NOT_SENT_RETRY_AFTER = 30;

/**
 * A refusal of an OAuth endpoint (RFC 6749 section 5.2): what the client learns, and apart from it what only the
 * operator learns.
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly detail: string | undefined;
  /** Seconds after which the client may try again, where it is said. */
  readonly retryAfter: number | undefined;
  /** What the answer says beside the code and the description. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    readonly code: OAuthErrorCode,
    readonly status: number,
    /** Public: ASCII without `"` and `\`. */
    readonly description: string,
    { detail, cause, retryAfter, members = {} }: OAuthErrorOptions = {},
  ) {
    super(`${code}: ${description}`, { cause });
    this.detail = detail;
    this.retryAfter = retryAfter;
    this.members = members;
  }

  static invalidRequest(description: string, options?: OAuthErrorOptions): OAuthError {
    return new OAuthError('invalid_request', 400, description, options);
  }

  static severalCredentials(): OAuthError {
    return OAuthError.invalidRequest('The request has more than one set of client credentials');
  }

  /** One text for all causes: unknown client, wrong secret, disabled client, malformed credentials. */
  static invalidClient(detail: string): OAuthError {
    return new OAuthError('invalid_client', 401, 'Client authentication failed', { detail });
  }

  /** The password grant: one text for all causes. */
  static invalidCredentials(detail: string): OAuthError {
    return new OAuthError('invalid_grant', 400, 'The user name or password is wrong', { detail });
  }

  /** A second factor: one text for a wrong code, one that was used, and one that was not checked because too many failed. */
  static invalidCode(detail: string): OAuthError {
    return new OAuthError('invalid_grant', 400, 'The code is wrong', { detail });
  }

  /** The same for a passkey, whatever is wrong with it. */
  static invalidPasskey(detail: string): OAuthError {
    return new OAuthError('invalid_grant', 400, 'The passkey is refused', { detail });
  }

  /** One text for an unknown handle, a spent or expired one, and one of another client. */
  static invalidMfaToken(detail: string): OAuthError {
    return new OAuthError('invalid_grant', 400, 'The mfa_token is invalid, expired or spent', { detail });
  }

  /** The same for a handle that the request shows as a bearer token (RFC 6750 section 3.1). */
  static invalidMfaBearer(detail: string | undefined): OAuthError {
    return new OAuthError('invalid_token', 401, 'The mfa_token is invalid, expired or spent', { detail });
  }

  /** The refresh grant: one text for all causes. */
  static invalidRefreshToken(detail: string): OAuthError {
    return new OAuthError('invalid_grant', 400, 'The refresh token is invalid, expired or revoked', {
      detail,
    });
  }

  /** RFC 6749 section 5.2: "issued to another client". */
  static foreignToken(detail: string): OAuthError {
    return new OAuthError('invalid_grant', 400, 'The token was issued to another client', { detail });
  }

  static unauthorizedClient(description: string, status: 400 | 403 = 400): OAuthError {
    return new OAuthError('unauthorized_client', status, description);
  }

  static unsupportedGrantType(): OAuthError {
    return new OAuthError('unsupported_grant_type', 400, 'The grant type is not supported');
  }

  static invalidScope(description: string): OAuthError {
    return new OAuthError('invalid_scope', 400, description);
  }

  static invalidTarget(description = 'The resource is unknown or not allowed'): OAuthError {
    return new OAuthError('invalid_target', 400, description);
  }

  /** The error code is of OpenID Connect Core Error Code unmet_authentication_requirements. */
  static unmetAuthenticationRequirements(detail?: string): OAuthError {
    const description = 'The login cannot satisfy any of acr_values';
    return new OAuthError('unmet_authentication_requirements', 400, description, { detail });
  }

  /** RFC 6585 section 4: the client's own doing, while 503 is the server's. */
  static tooManyRequests(retryAfter: number): OAuthError {
    return new OAuthError(
      'temporarily_unavailable',
      429,
      'The client sends too many requests; try again later',
      {
        detail: 'the client exceeds its rate',
        retryAfter,
      },
    );
  }

  /** What was sent so far is enough for now. @param retryAfter seconds */
  static tooManyCodes(detail: string, retryAfter: number): OAuthError {
    return new OAuthError('temporarily_unavailable', 429, 'Too many codes were sent; try again later', {
      detail,
      retryAfter,
    });
  }

  /** @param detail why, without what the mail server said: it may quote addresses and codes */
  static codeNotSent(detail: string): OAuthError {
    const description = 'The code could not be sent in time; try again later';
    return new OAuthError('temporarily_unavailable', 503, description, {
      detail,
      retryAfter: NOT_SENT_RETRY_AFTER,
    });
  }

  static notFound(options?: OAuthErrorOptions): OAuthError {
    return new OAuthError('not_found', 404, 'There is nothing here', options);
  }

  /** @param cause what failed; `undefined` where nothing did, and there is only too much to do */
  static temporarilyUnavailable(cause: unknown, detail?: string): OAuthError {
    const options = { cause, ...(detail !== undefined && { detail }) };
    return new OAuthError('temporarily_unavailable', 503, 'The server is busy; try again', options);
  }
}
