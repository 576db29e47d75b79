import { ScopeSet } from '@latchkey/contracts';
import { DEFAULT_CLAIMS, type ClaimSettings } from '../claims/access-token-claims.js';
import type { OptionChecks } from './option-checks.js';
import type { ClaimOptions } from './issuer-options.js';

/** @param subjectPrefix the option of the issuer */
export function readClaimSettings(
  options: ClaimOptions | undefined,
  checks: OptionChecks,
  subjectPrefix = '',
): ClaimSettings {
  const { defaultScope = '', mayBeMissing = [], roles = [] } = options ?? {};
  const settings = { ...DEFAULT_CLAIMS, subjectPrefix, mayBeMissing: new Set(mayBeMissing) };
  for (const name of ['owner', 'audience', 'username', 'groups'] as const) {
    settings[name] = options?.[name] ?? DEFAULT_CLAIMS[name];
    checks.text(`claims.${name}`, settings[name]);
  }
  for (const name of ['client', 'scope'] as const) {
    settings[name] = [options?.[name] ?? DEFAULT_CLAIMS[name]].flat();
    checks.check(settings[name].length > 0, `claims.${name} must name a claim`);
    for (const claim of settings[name]) checks.text(`claims.${name}`, claim);
  }
  for (const name of ['isOwnerToken', 'isAccessToken', 'parse'] as const) {
    const value: unknown = options?.[name];
    checks.check(value === undefined || typeof value === 'function', `claims.${name} must be a function`);
  }
  const names = defaultScope === '' ? [] : defaultScope.split(' ');
  const isScope = names.every((name) => ScopeSet.isScopeName(name));
  checks.check(isScope, 'claims.defaultScope must be scopes with single spaces between them');
  checks.check(
    mayBeMissing.every((name) => name === 'iss' || name === 'aud'),
    'claims.mayBeMissing may name iss and aud',
  );
  checks.check(
    subjectPrefix === '' || /^[^:]+:$/.test(subjectPrefix),
    'subjectPrefix must be empty, or have its only colon at its end',
  );
  return Object.freeze({
    ...settings,
    roles: roles.map((path) => [path].flat()),
    isOwnerToken: options?.isOwnerToken ?? null,
    isAccessToken: options?.isAccessToken ?? null,
    parse: options?.parse ?? null,
    defaultScope: isScope ? ScopeSet.of(names) : ScopeSet.EMPTY,
  });
}
