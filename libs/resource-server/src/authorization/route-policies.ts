import { Injectable, Logger, type ExecutionContext, type OnModuleInit } from '@nestjs/common';
import { ModuleRef, type NestContainer } from '@nestjs/core';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import { controllerRoutes, type ControllerRoute } from './controller-routes.js';
import { OwnerResolvers } from './owner-resolvers.js';
import { assertRequirementsHold } from './requirement-checks.js';
import { RoutePolicy } from './route-policy.js';
import { applyScopeRules, type RuledRoute } from './scope-rules.js';

/** What each route of the application requires. Known completely before the application listens. */
@Injectable()
export class RoutePolicies implements OnModuleInit {
  readonly #logger = new Logger('ResourceServer');
  readonly #policies = new Map<object, Map<object, RoutePolicy>>();

  constructor(
    private readonly settings: ResourceServerSettings,
    private readonly resolvers: OwnerResolvers,
    private readonly moduleRef: ModuleRef,
  ) {}

  /**
   * Nest has registered the routes by now, and nobody can call them yet.
   *
   * @throws Error when a rule covers no route, the resolver of an owner is not provided, or a requirement cannot hold
   */
  onModuleInit(): void {
    // How Nest's own packages reach the configuration of the application; it has no injection token.
    const { container } = this.moduleRef as unknown as { container: NestContainer };
    const { routes, warnings } = applyScopeRules(controllerRoutes(container), this.settings.scopeRules);
    assertRequirementsHold(routes.map(({ route }) => route));
    for (const warning of warnings) this.#logger.warn(warning);
    for (const route of routes) this.#add(route);
    this.resolvers.resolve(this.#all().flatMap(({ owners }) => owners));
  }

  /** @throws Error for a handler that no rule was compared with, where there are rules */
  of(context: ExecutionContext): RoutePolicy {
    const controller = context.getClass();
    const handler = context.getHandler();
    const known = this.#policies.get(controller)?.get(handler);
    if (known !== undefined) return known;
    if (this.settings.scopeRules.length > 0) {
      throw new Error(`Scope rules were not compared with ${controller.name}.${handler.name}`);
    }
    const policy = new RoutePolicy(controller, handler);
    this.#remember(controller, handler, policy);
    return policy;
  }

  /** All scopes that routes ask for, for those who document the API. */
  get knownScopes(): string[] {
    return [...new Set(this.#all().flatMap(({ knownScopes }) => [...knownScopes]))].sort();
  }

  #add({ route: { controller, handlers }, rules, methodRules }: RuledRoute<ControllerRoute>): void {
    for (const handler of handlers) {
      this.#remember(controller, handler, new RoutePolicy(controller, handler, rules, methodRules));
    }
  }

  #remember(controller: object, handler: object, policy: RoutePolicy): void {
    const ofController = this.#policies.get(controller) ?? new Map<object, RoutePolicy>();
    this.#policies.set(controller, ofController.set(handler, policy));
  }

  #all(): RoutePolicy[] {
    return [...this.#policies.values()].flatMap((policies) => [...policies.values()]);
  }
}
