import type { AccessTokenClaims } from '../../apps/authorization-server/src/tokens/access-token-claims.js';
import { AccessTokens } from '../../apps/authorization-server/src/tokens/access-tokens.js';
import type { Stack } from './stack.js';

/** The same access token as the server itself would have made it with other claims: for what no test can wait for. */
export function reissue({ application }: Stack, token: string, changes: Partial<AccessTokenClaims>): string {
  const accessTokens = application.get(AccessTokens);
  const claims = accessTokens.read(token);
  if (claims === null) throw new Error('This is no access token of this server');
  return accessTokens.create({ ...claims, ...changes }, token.startsWith('lka_') ? 'opaque' : 'jwt');
}
