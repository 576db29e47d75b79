import { RequestMethod } from '@nestjs/common';
import { ScopeSet } from '@latchkey/contracts';
import { RouteTemplate } from './route-template.js';

/** `GET /reports/*`: a method or `*`, one space, and a template without special syntax of a router. */
const RULE = /^(\*|[A-Z]+) (\/|\/\*|(?:\/(?:[\w.~@-]+|:\w+))+(?:\/\*)?)$/;

const METHODS: ReadonlySet<string> = new Set(
  Object.values(RequestMethod).filter((name): name is string => typeof name === 'string' && name !== 'ALL'),
);

/** Scopes that the options require for routes which cannot be decorated. */
export class ScopeRule {
  private constructor(
    /** As written in the options, for messages. */
    readonly text: string,
    /** `null`: every method. */
    readonly method: string | null,
    readonly template: RouteTemplate,
    readonly scopes: ScopeSet,
  ) {}

  /** @returns `null` when route or scopes are malformed */
  static parse(route: string, scopes: unknown): ScopeRule | null {
    const [, method, template] = RULE.exec(route) ?? [];
    if (method === undefined || template === undefined || typeof scopes !== 'string') return null;
    const names = scopes.split(' ');
    // GET handlers answer HEAD too, so a rule for GET includes HEAD.
    const isMethod = method === '*' || (METHODS.has(method) && method !== 'HEAD');
    if (!isMethod || !names.every((name) => ScopeSet.isScopeName(name))) return null;
    return new ScopeRule(
      route,
      method === '*' ? null : method,
      new RouteTemplate(template),
      ScopeSet.of(names),
    );
  }

  /** @param method of a request */
  appliesTo(method: string): boolean {
    return this.method === null || this.method === (method === 'HEAD' ? 'GET' : method);
  }
}
