/** How JWT access tokens may be signed. RFC 9068 section 2.1 requires RS256; ES256 tokens are shorter and faster. */
export const SIGNING_ALGORITHMS = ['ES256', 'RS256'] as const;

export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** Maximum characters of an access token, for the authorization server and for the guard. */
export const MAX_ACCESS_TOKEN_LENGTH = 8192;

/**
 * The claim of a JWT access token that is `true` where the groups of the resource owner would make it too long: the
 * token contains no groups, and introspection returns them.
 */
export const GROUPS_OMITTED = 'groups_omitted';

/** Bytes of all groups of one resource owner as JSON: an introspection response has room for them. */
export const MAX_GROUPS_BYTES = 32 * 1024;
