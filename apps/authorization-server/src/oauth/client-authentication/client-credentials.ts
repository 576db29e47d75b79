import { decodeFormComponent, type FormParameters } from '../common/form-parameters.js';
import { OAuthError } from '../common/oauth-error.js';

/** How a client presented itself (names of RFC 8414 `token_endpoint_auth_methods_supported`). */
export type ClientAuthenticationMethod = 'client_secret_basic' | 'client_secret_post' | 'none';

export interface ClientCredentials {
  readonly method: ClientAuthenticationMethod;
  readonly clientId: string;
  /** `null` with the method `none`. */
  readonly secret: string | null;
}

/** `VSCHAR` (RFC 6749 appendix A.1 and A.2). */
const VSCHAR = /^[\x20-\x7e]+$/;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads the one set of client credentials of a request (RFC 6749 section 2.3).
 *
 * @param authorization the `Authorization` header
 * @throws OAuthError invalid_request for two methods at once; invalid_client for none or malformed ones
 */
export function readClientCredentials(
  authorization: string | undefined,
  form: FormParameters,
): ClientCredentials {
  if (authorization !== undefined) {
    const credentials = readBasicCredentials(authorization);
    assertNoOtherCredentials(form, credentials.clientId);
    return credentials;
  }
  const clientId = form.get('client_id');
  const secret = form.get('client_secret');
  if (clientId === null || !VSCHAR.test(clientId)) {
    throw OAuthError.invalidClient('no client credentials, or a malformed client_id');
  }
  if (secret === null) return { method: 'none', clientId, secret };
  if (!VSCHAR.test(secret)) throw OAuthError.invalidClient('the client_secret in the body is malformed');
  return { method: 'client_secret_post', clientId, secret };
}

/**
 * A form beside Basic credentials may name the same client again, and no secret.
 *
 * @throws OAuthError invalid_request
 */
export function assertNoOtherCredentials(form: FormParameters, basicClientId: string): void {
  const clientId = form.get('client_id');
  if (form.get('client_secret') !== null || (clientId !== null && clientId !== basicClientId)) {
    throw OAuthError.invalidRequest('The request has more than one set of client credentials');
  }
}

/**
 * Reads HTTP Basic credentials (RFC 7617), each part of which is form-encoded (RFC 6749 section 2.3.1).
 *
 * @throws OAuthError invalid_client
 */
export function readBasicCredentials(authorization: string): ClientCredentials {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  const text = encoded === undefined ? null : decodeBase64(encoded);
  const separator = text?.indexOf(':') ?? -1;
  if (text === null || separator === -1)
    throw OAuthError.invalidClient('the Basic credentials are malformed');
  const clientId = decodeFormComponent(text.slice(0, separator));
  const secret = decodeFormComponent(text.slice(separator + 1));
  if (clientId === null || secret === null || !VSCHAR.test(clientId) || !VSCHAR.test(secret)) {
    throw OAuthError.invalidClient('the client_id or secret in the Basic credentials is malformed or empty');
  }
  return { method: 'client_secret_basic', clientId, secret };
}

/** The header that {@link readBasicCredentials} reads these credentials from, with no colon but the one between them. */
export function writeBasicCredentials({ clientId, secret }: ClientCredentials): string {
  const text = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret ?? '')}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

function decodeBase64(encoded: string): string | null {
  const bytes = Buffer.from(encoded, 'base64');
  // Padding may be left out; anything else that does not encode back was not base64.
  if (bytes.toString('base64').replace(/=+$/, '') !== encoded.replace(/=+$/, '')) return null;
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
