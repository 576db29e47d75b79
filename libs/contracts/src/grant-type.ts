/** The `grant_type` values that Latchkey knows (RFC 6749 sections 4.3.2, 4.4.2 and 6). */
export const GRANT_TYPES = ['password', 'refresh_token', 'client_credentials'] as const;

export type GrantType = (typeof GRANT_TYPES)[number];
