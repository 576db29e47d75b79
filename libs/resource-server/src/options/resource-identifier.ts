const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** Unreserved characters and slashes, which no router interprets in another way. */
const PLAIN_PATH = /^[A-Za-z0-9\-._~/]*$/;

/**
 * Whether a text can be a resource identifier with published metadata: an https URL without query and fragment; http on
 * the local host, for development.
 *
 * @see RFC 9728 section 1.2
 */
export function isResourceIdentifier(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(text);
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  const hasScheme = protocol === 'https:' || (protocol === 'http:' && isLocal);
  return hasScheme && PLAIN_PATH.test(pathname) && `${search}${hash}${username}${password}` === '';
}

/**
 * The URL of the metadata of a resource: the well-known path is inserted between its host and its path.
 *
 * @see RFC 9728 section 3.1
 */
export function metadataUrl(resource: string): URL {
  const url = new URL(resource);
  return new URL(WELL_KNOWN + (url.pathname === '/' ? '' : url.pathname), url.origin);
}
