import type { Type } from '@nestjs/common';
import { ScopeSet } from '@latchkey/contracts';
import { accessOf, type Access } from './public.decorator.js';
import { isStream } from './streams.js';
import { alternativeScopesOf } from './require-any-scope.decorator.js';
import { requiredGroupsOf } from './require-groups.decorator.js';
import { ownersOf, requiresOwnerToken, type OwnerRequirement } from './require-owner.decorator.js';
import { policiesOf, type TokenPolicy } from './require-policy.decorator.js';
import { requiredScopesOf } from './require-scopes.decorator.js';
import { loginRequirementOf, type LoginRequirement } from './step-up.decorators.js';
import type { ScopeRule } from '../scope-rules/scope-rule.js';

/** All requirements of one handler, read once from its decorators and from the rules of the options. */
export class RoutePolicy {
  readonly alternatives: readonly ScopeSet[];
  readonly groups: readonly string[];
  readonly needsOwnerToken: boolean;
  readonly owners: readonly OwnerRequirement[];
  readonly policies: readonly Type<TokenPolicy>[];
  readonly login: LoginRequirement | null;
  /** Whether a class of the application decides too, which may take long. */
  readonly asksApplication: boolean;
  /** Whether the response is an event stream, which has to end with its token. */
  readonly isStream: boolean;

  readonly #access: Access;
  readonly #scopes: ScopeSet;
  /** Rules that depend on the request method; only a handler for all methods has them. */
  readonly #rules: readonly ScopeRule[];

  /**
   * @param rules apply to every request of the handler
   * @param methodRules apply to requests with their method
   */
  constructor(
    private readonly controller: object,
    private readonly handler: object,
    private readonly rules: readonly ScopeRule[] = [],
    methodRules: readonly ScopeRule[] = [],
  ) {
    const targets = [controller, handler];
    this.alternatives = alternativeScopesOf(...targets);
    this.groups = requiredGroupsOf(...targets);
    this.needsOwnerToken = requiresOwnerToken(...targets);
    this.owners = ownersOf(...targets);
    this.policies = policiesOf(...targets);
    this.login = loginRequirementOf(...targets);
    this.asksApplication =
      this.policies.length > 0 || this.owners.some(({ owner }) => typeof owner !== 'string');
    this.isStream = isStream(handler);
    this.#access = rules.length === 0 ? accessOf(handler, controller) : 'required';
    this.#scopes = union([requiredScopesOf(...targets), ...rules.map(({ scopes }) => scopes)]);
    this.#rules = methodRules;
  }

  /** Every scope that any request of this route may require. */
  get knownScopes(): ScopeSet {
    return union([this.#scopes, ...this.alternatives, ...this.#rules.map(({ scopes }) => scopes)]);
  }

  /** A policy with additional rules for the requests of their method; this policy if it already has all of them. */
  with(methodRules: readonly ScopeRule[]): RoutePolicy {
    const own = [...this.rules, ...this.#rules];
    const added = methodRules.filter((rule) => !own.includes(rule));
    if (added.length === 0) return this;
    return new RoutePolicy(this.controller, this.handler, this.rules, [...this.#rules, ...added]);
  }

  access(method: string): Access {
    return this.#rules.some((rule) => rule.appliesTo(method)) ? 'required' : this.#access;
  }

  scopes(method: string): ScopeSet {
    if (this.#rules.length === 0) return this.#scopes;
    const applying = this.#rules.filter((rule) => rule.appliesTo(method));
    return union([this.#scopes, ...applying.map(({ scopes }) => scopes)]);
  }
}

function union(sets: readonly ScopeSet[]): ScopeSet {
  return ScopeSet.of(sets.flatMap((set) => [...set]));
}
