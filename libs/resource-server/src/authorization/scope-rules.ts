import type { ControllerRoute } from './controller-routes.js';
import { RouteTemplate } from '../scope-rules/route-template.js';
import type { ScopeRule } from '../scope-rules/scope-rule.js';

type Route = Pick<ControllerRoute, 'controller' | 'handlers' | 'method' | 'templates'>;

/** A route and the rules that cover it. */
export interface RuledRoute<T extends Route> {
  readonly route: T;
  /** Apply to every request of the route. */
  readonly rules: readonly ScopeRule[];
  /** Apply to the requests of one method, if a handler answers all methods. */
  readonly methodRules: readonly ScopeRule[];
}

/**
 * Compares rules with the templates of routes, never with the path of a request, whose spelling a client chooses. A
 * handler with several paths gets the rules of all of them, and so does a handler whose controller is mounted twice.
 *
 * @returns also warnings about routes that answer some of the paths of a rule which does not cover them
 * @throws Error when a rule covers no route, because it would look like protection without any
 */
export function applyScopeRules<T extends Route>(
  routes: readonly T[],
  rules: readonly ScopeRule[],
): { routes: RuledRoute<T>[]; warnings: string[] } {
  const warnings: string[] = [];
  const used = new Set<ScopeRule>();
  const covers = (rule: ScopeRule, { templates, handlers }: Route): boolean => {
    const coverages = templates.map((template) => rule.template.compare(new RouteTemplate(template)));
    if (coverages.includes('covered')) return true;
    if (coverages.includes('overlapping')) {
      warnings.push(
        `The scope rule "${rule.text}" does not cover ${nameOf(handlers)} (${templates.join(', ')}), which answers some of its paths`,
      );
    }
    return false;
  };
  const ruled = routes.map((route) => {
    const candidates = rules.filter((rule) => meets(rule, route.method));
    const covering = candidates.filter((rule) => covers(rule, route));
    for (const rule of covering) used.add(rule);
    const dependsOnMethod = (rule: ScopeRule): boolean => route.method === 'ALL' && rule.method !== null;
    return {
      route,
      rules: covering.filter((rule) => !dependsOnMethod(rule)),
      methodRules: covering.filter(dependsOnMethod),
    };
  });
  const unused = rules.filter((rule) => !used.has(rule)).map(({ text }) => `"${text}"`);
  if (unused.length > 0) {
    throw new Error(
      `ResourceServerModule: no route of a controller is covered by the scope rule ${unused.join(', ')}`,
    );
  }
  return { routes: merge(ruled), warnings };
}

function meets(rule: ScopeRule, method: string): boolean {
  return method === 'ALL' || rule.appliesTo(method);
}

/** Merges the entries of each handler, whatever the number of its routes. */
function merge<T extends Route>(ruled: readonly RuledRoute<T>[]): RuledRoute<T>[] {
  return ruled.map(({ route }) => {
    const same = ruled.filter(
      (other) => other.route.controller === route.controller && other.route.handlers[0] === route.handlers[0],
    );
    return {
      route,
      rules: same.flatMap(({ rules }) => rules),
      methodRules: same.flatMap(({ methodRules }) => methodRules),
    };
  });
}

function nameOf([handler]: readonly object[]): string {
  return (handler as { name?: string } | undefined)?.name ?? 'a route';
}
