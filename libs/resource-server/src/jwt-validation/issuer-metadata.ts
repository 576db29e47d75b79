import type { JsonClient } from './json-client.js';

/** The metadata of an issuer does not contain the location of its keys. */
class MetadataError extends Error {
  override readonly name = 'MetadataError';
}

/**
 * Reads the location of an issuer's keys from its metadata. The URL depends on the configured issuer only, never on a
 * token.
 *
 * @param metadataUri `null`: OpenID Connect Discovery 1.0 section 4, or RFC 8414 section 3 if there is none
 * @throws MetadataError when the location is missing, or the metadata names another issuer (section 4.3, RFC 8414
 *   section 3.3)
 */
export async function findKeys(
  issuer: string,
  metadataUri: string | null,
  client: JsonClient,
): Promise<string> {
  const places = metadataUri === null ? [openidMetadataOf(issuer), oauthMetadataOf(issuer)] : [metadataUri];
  for (const place of places) {
    const { status, text } = await client.get(place);
    if (status === 404) continue;
    if (status !== 200) throw new MetadataError(`its metadata was answered with ${status}`);
    return keysIn(text, issuer);
  }
  throw new MetadataError('it has no metadata');
}

function keysIn(text: string, issuer: string): string {
  const metadata = parse(text) as { issuer?: unknown; jwks_uri?: unknown } | null;
  if (metadata?.issuer !== issuer) throw new MetadataError('its metadata is that of another issuer');
  const { jwks_uri: uri } = metadata;
  if (typeof uri !== 'string' || !URL.canParse(uri)) throw new MetadataError('its metadata has no jwks_uri');
  const { protocol } = new URL(uri);
  // Keys from plain HTTP could be replaced on the way; an issuer without TLS is for development.
  if (protocol !== 'https:' && !(protocol === 'http:' && issuer.startsWith('http:'))) {
    throw new MetadataError('its jwks_uri is not of https');
  }
  return uri;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new MetadataError('its metadata is no JSON');
  }
}

function openidMetadataOf(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

function oauthMetadataOf(issuer: string): string {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`;
}
