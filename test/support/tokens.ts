import type { AccessTokenClaims } from '../../apps/authorization-server/src/tokens/access-token-claims.js';
import { AccessTokens } from '../../apps/authorization-server/src/tokens/access-tokens.js';
import type { Stack } from './stack.js';

/** The same access token as the server itself would have made it with other claims: for what no test can wait for. */
export function reissue({ application }: Stack, token: string, changes: Partial<AccessTokenClaims>): string {
  const accessTokens = application.get(AccessTokens);
  const claims = accessTokens.read(token);
  if (claims === null) throw new Error('This is no access token of this server');
  const format = token.startsWith('lka_') ? 'opaque' : 'jwt';
  return accessTokens.create({ ...claims, ...changes }, format, 'ES256');
}

/** The same token but for one character whose bits all count, so that it never decodes to the same bytes. */
export function altered(token: string): string {
  const changed = token.at(-3) === 'A' ? 'B' : 'A';
  return token.slice(0, -3) + changed + token.slice(-2);
}
