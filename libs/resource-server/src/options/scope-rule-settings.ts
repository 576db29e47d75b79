import { ScopeRule } from '../scope-rules/scope-rule.js';
import type { OptionChecks } from './option-checks.js';

export function readScopeRules(
  options: Readonly<Record<string, string>> | undefined,
  checks: OptionChecks,
): readonly ScopeRule[] {
  const rules = Object.entries(options ?? {}).map(([route, scopes]) => {
    const rule = ScopeRule.parse(route, scopes);
    checks.check(
      rule !== null,
      `scopeRules: ${JSON.stringify(route)} must be a method or "*", a space and a path template, with scopes as value`,
    );
    return rule;
  });
  return Object.freeze(rules.filter((rule) => rule !== null));
}
