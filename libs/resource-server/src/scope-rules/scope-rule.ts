import { RequestMethod } from '@nestjs/common';
import { ScopeSet } from '@latchkey/contracts';
import { RouteTemplate } from './route-template.js';

/** `GET /reports/*`: a method or `*`, one space, and a template without anything that only a router would understand. */
const RULE = /^(\*|[A-Z]+) (\/|\/\*|(?:\/(?:[\w.~@-]+|:\w+))+(?:\/\*)?)$/;

const METHODS: ReadonlySet<string> = new Set(
  Object.values(RequestMethod).filter((name): name is string => typeof name === 'string' && name !== 'ALL'),
);

/** Scopes that the options require of routes which cannot be decorated. */
export class ScopeRule {
  private constructor(
    /** As it was written, for messages. */
    readonly text: string,
    /** `null`: every method. */
    readonly method: string | null,
    readonly template: RouteTemplate,
    readonly scopes: ScopeSet,
  ) {}

  /** @returns `null` when route or scopes are not written as they must be */
  static parse(route: string, scopes: unknown): ScopeRule | null {
    const [, method, template] = RULE.exec(route) ?? [];
    if (method === undefined || template === undefined || typeof scopes !== 'string') return null;
    const names = scopes.split(' ');
    // HEAD is answered by what answers GET, and so is under its rule.
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
