import { decodeFormComponent, type FormParameters } from '../common/form-parameters.js';
import { OAuthError } from '../common/oauth-error.js';

/** How a client presents its credentials (names of RFC 8414 `token_endpoint_auth_methods_supported`). */
type ClientAuthenticationMethod = 'client_secret_basic' | 'client_secret_post' | 'none';

export interface ClientCredentials {
  readonly method: ClientAuthenticationMethod;
  readonly clientId: string;
  /** `null` with the method `none`. */
  readonly secret: string | null;
  /** The text of the header itself, if it differs: many clients do not form-encode (ADR 0008). */
  readonly asWritten?: IdAndSecret;
}

interface IdAndSecret {
  readonly clientId: string;
  readonly secret: string;
}

/** `VSCHAR` (RFC 6749 appendix A.1 and A.2). */
const VSCHAR = /^[\x20-\x7e]+$/;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads the client credentials of a request, of which there must be exactly one set (RFC 6749 section 2.3).
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
    const { clientId, asWritten = credentials } = credentials;
    assertNoOtherCredentials(
      form,
      form.get('client_id') === asWritten.clientId ? asWritten.clientId : clientId,
    );
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
 * A form beside Basic credentials may repeat the `client_id`, but must not contain a secret.
 *
 * @throws OAuthError invalid_request
 */
export function assertNoOtherCredentials(form: FormParameters, basicClientId: string): void {
  const clientId = form.get('client_id');
  if (form.get('client_secret') !== null || (clientId !== null && clientId !== basicClientId)) {
    throw OAuthError.severalCredentials();
  }
}

/**
 * Reads HTTP Basic credentials (RFC 7617), each part of which should be form-encoded (RFC 6749 section 2.3.1).
 *
 * @throws OAuthError invalid_client
 */
export function readBasicCredentials(authorization: string): ClientCredentials {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  const text = encoded === undefined ? null : decodeBase64(encoded);
  const separator = text?.indexOf(':') ?? -1;
  if (text === null || separator === -1)
    throw OAuthError.invalidClient('the Basic credentials are malformed');
  const written = [text.slice(0, separator), text.slice(separator + 1)] as const;
  const asWritten = idAndSecret(...written);
  if (asWritten === null) {
    throw OAuthError.invalidClient('the client_id or secret in the Basic credentials is malformed or empty');
  }
  const decoded = idAndSecret(decodeFormComponent(written[0]), decodeFormComponent(written[1]));
  const isSame = decoded?.clientId === asWritten.clientId && decoded.secret === asWritten.secret;
  return {
    method: 'client_secret_basic',
    ...(decoded ?? asWritten),
    ...(decoded !== null && !isSame && { asWritten }),
  };
}

function idAndSecret(clientId: string | null, secret: string | null): IdAndSecret | null {
  if (clientId === null || secret === null) return null;
  return VSCHAR.test(clientId) && VSCHAR.test(secret) ? { clientId, secret } : null;
}

/** The header from which {@link readBasicCredentials} reads these credentials. Its only colon is the separator. */
export function writeBasicCredentials({ clientId, secret }: ClientCredentials): string {
  const text = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret ?? '')}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

function decodeBase64(encoded: string): string | null {
  const bytes = Buffer.from(encoded, 'base64');
  // Padding may be missing; any other difference after re-encoding means that the text was not base64.
  if (bytes.toString('base64').replace(/=+$/, '') !== encoded.replace(/=+$/, '')) return null;
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
