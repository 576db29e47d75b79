import type { OAuthErrorCode } from '@latchkey/contracts';

interface OAuthErrorOptions {
  /** For the log only. */
  detail?: string;
  cause?: unknown;
  /** Seconds. */
  retryAfter?: number;
  /** Further members of the response. */
  members?: Readonly<Record<string, unknown>>;
}

/** Seconds after which a message that could not be sent may be tried again. */
const NOT_SENT_RETRY_AFTER = 30;

/**
 * A refusal of an OAuth endpoint (RFC 6749 section 5.2): what the client learns, and separately what only the operator
 * learns.
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly detail: string | undefined;
  /** Seconds after which the client may try again, for the `Retry-After` header. */
  readonly retryAfter: number | undefined;
  /** Members of the response beside the error code and the description. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    readonly code: OAuthErrorCode,
    readonly status: number,
    /** Public, in ASCII without `"` and `\`. */
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

  /** The same text for all causes: unknown client, wrong secret, disabled client, malformed credentials. */
  static invalidClient(detail: string): OAuthError {
    return new OAuthError('invalid_client', 401, 'Client authentication failed', { detail });
  }

  /** The password grant: the same text for all causes. */
  static invalidCredentials(detail: string): OAuthError {
    return new OAuthError('invalid_grant', 400, 'The user name or password is wrong', { detail });
  }

  /** A second factor: the same text for a wrong code, a used one, and one that was not checked after many failures. */
  static invalidCode(detail: string): OAuthError {
    return new OAuthError('invalid_grant', 400, 'The code is wrong', { detail });
  }

  /** The same for a passkey, for all causes. */
  static invalidPasskey(detail: string): OAuthError {
    return new OAuthError('invalid_grant', 400, 'The passkey is refused', { detail });
  }

  /** The same text for an unknown, spent or expired handle, and for one of another client. */
  static invalidMfaToken(detail: string): OAuthError {
    return new OAuthError('invalid_grant', 400, 'The mfa_token is invalid, expired or spent', { detail });
  }

  /** The same for a handle that is presented as a bearer token (RFC 6750 section 3.1). */
  static invalidMfaBearer(detail: string | undefined): OAuthError {
    return new OAuthError('invalid_token', 401, 'The mfa_token is invalid, expired or spent', { detail });
  }

  /** The refresh grant: the same text for all causes. */
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

  /** The error code is from OpenID Connect Core Error Code unmet_authentication_requirements. */
  static unmetAuthenticationRequirements(detail?: string): OAuthError {
    const description = 'The login cannot satisfy any of acr_values';
    return new OAuthError('unmet_authentication_requirements', 400, description, { detail });
  }

  /** RFC 6585 section 4. The client is the cause; 503 is for causes in the server. */
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

  /** The limit of sent messages is reached. @param retryAfter seconds */
  static tooManyCodes(detail: string, retryAfter: number): OAuthError {
    return new OAuthError('temporarily_unavailable', 429, 'Too many codes were sent; try again later', {
      detail,
      retryAfter,
    });
  }

  /** @param detail why, without the mail server's response, which may quote addresses and codes */
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

  /** @param cause what failed; `undefined` where the server is only overloaded */
  static temporarilyUnavailable(cause: unknown, detail?: string): OAuthError {
    const options = { cause, ...(detail !== undefined && { detail }) };
    return new OAuthError('temporarily_unavailable', 503, 'The server is busy; try again', options);
  }
}
