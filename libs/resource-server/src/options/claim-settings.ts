import { ScopeSet } from '@latchkey/contracts';
import { DEFAULT_CLAIMS, type ClaimSettings } from '../claims/access-token-claims.js';
import type { OptionChecks } from './option-checks.js';
import type { ClaimOptions } from './resource-server-options.js';

export function readClaimSettings(options: ClaimOptions | undefined, checks: OptionChecks): ClaimSettings {
  const {
    owner = DEFAULT_CLAIMS.owner,
    isOwnerToken,
    defaultScope = '',
    mayBeMissing = [],
    parse,
  } = options ?? {};
  checks.text('claims.owner', owner);
  checks.check(
    isOwnerToken === undefined || typeof isOwnerToken === 'function',
    'claims.isOwnerToken must be a function',
  );
  checks.check(parse === undefined || typeof parse === 'function', 'claims.parse must be a function');
  const names = defaultScope === '' ? [] : defaultScope.split(' ');
  const isScope = names.every((name) => ScopeSet.isScopeName(name));
  checks.check(isScope, 'claims.defaultScope must be scopes with single spaces between them');
  checks.check(
    mayBeMissing.every((name) => name === 'iss' || name === 'aud'),
    'claims.mayBeMissing may name iss and aud',
  );
  return Object.freeze({
    owner,
    isOwnerToken: isOwnerToken ?? null,
    defaultScope: isScope ? ScopeSet.of(names) : ScopeSet.EMPTY,
    mayBeMissing: new Set(mayBeMissing),
    parse: parse ?? null,
  });
}
