import { Injectable, Logger, type ExecutionContext, type OnModuleInit } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryService,
  HttpAdapterHost,
  MetadataScanner,
  ModuleRef,
  ModulesContainer,
} from '@nestjs/core';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import { controllerRoutes, type ControllerRoute } from './controller-routes.js';
import { OwnerResolvers } from './owner-resolvers.js';
import { TokenPolicies } from './token-policies.js';
import { assertRequirementsHold } from './requirement-checks.js';
import { RoutePolicy } from './route-policy.js';
import { RouteTemplate } from '../scope-rules/route-template.js';
import { applyScopeRules, type RuledRoute } from './scope-rules.js';

/** The requirements of every route of the application, complete before the application listens. */
@Injectable()
export class RoutePolicies implements OnModuleInit {
  readonly #logger = new Logger('ResourceServer');
  readonly #policies = new Map<object, Map<object, RoutePolicy>>();
  /** The same with rules of the matched template, if that was not known at the start. */
  readonly #matched = new Map<RoutePolicy, Map<string, RoutePolicy>>();

  constructor(
    private readonly settings: ResourceServerSettings,
    private readonly resolvers: OwnerResolvers,
    private readonly tokenPolicies: TokenPolicies,
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly modules: ModulesContainer,
    private readonly moduleRef: ModuleRef,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  /**
   * Runs after Nest has registered the routes, and before the application listens.
   *
   * @throws Error when a rule covers no route, a class that a decorator names is not provided, or a requirement can
   *   never be met
   */
  onModuleInit(): void {
    // A worker or a command-line application has no routes.
    if ((this.adapterHost as Partial<HttpAdapterHost>).httpAdapter === undefined) return;
    const { discovery, scanner, modules } = this;
    const declared = controllerRoutes({ discovery, scanner, modules, config: this.#config() });
    const { routes, warnings } = applyScopeRules(declared, this.settings.scopeRules);
    assertRequirementsHold(routes.map(({ route }) => route));
    for (const warning of warnings) this.#logger.warn(warning);
    for (const route of routes) this.#add(route);
    this.resolvers.resolve(this.#all().flatMap(({ owners }) => owners));
    this.tokenPolicies.resolve(this.#all().flatMap(({ policies }) => policies));
  }

  /** For handlers that are called without a route, to which no rules apply, unless routes lead to them too. */
  ofCall(context: ExecutionContext): RoutePolicy {
    const controller = context.getClass();
    const handler = context.getHandler();
    const known = this.#policies.get(controller)?.get(handler);
    if (known !== undefined) return known;
    const policy = new RoutePolicy(controller, handler);
    this.#remember(controller, handler, policy);
    return policy;
  }

  /** @throws Error for a handler that was not compared with the rules, if there are rules */
  of(context: ExecutionContext): RoutePolicy {
    if (this.settings.scopeRules.length === 0) return this.ofCall(context);
    return this.#asMatched(this.#policies.get(context.getClass())?.get(context.getHandler()), context);
  }

  /** All scopes that routes require, for documentation of the API. */
  get knownScopes(): string[] {
    return [...new Set(this.#all().flatMap(({ knownScopes }) => [...knownScopes]))].sort();
  }

  /**
   * Rules are assigned to handlers by templates that are built at the start. If a template differs from that of the
   * router, the rules of the template that the request matched apply too, so that no route misses its rule.
   */
  #asMatched(policy: RoutePolicy | undefined, context: ExecutionContext): RoutePolicy {
    const template = matchedTemplate(context.getArgByIndex(0));
    if (policy === undefined || template === undefined) {
      throw new Error(
        `Scope rules were not compared with ${context.getClass().name}.${context.getHandler().name}`,
      );
    }
    const byTemplate = this.#matched.get(policy) ?? new Map<string, RoutePolicy>();
    const known = byTemplate.get(template);
    if (known !== undefined) return known;
    const route = new RouteTemplate(template);
    const rules = this.settings.scopeRules.filter((rule) => rule.template.compare(route) === 'covered');
    const complete = policy.with(rules);
    this.#matched.set(policy, byTemplate.set(template, complete));
    return complete;
  }

  /** The only part of an application without an injection token; Nest's own packages access it in the same way. */
  #config(): ApplicationConfig {
    const { container } = this.moduleRef as unknown as { container?: { applicationConfig?: unknown } };
    const config = container?.applicationConfig;
    if (config instanceof ApplicationConfig) return config;
    throw new Error('ResourceServerModule: this version of Nest keeps its configuration somewhere else');
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

/** The matched route in the requests of Fastify and Express. */
interface MatchedRequest {
  readonly routeOptions?: { readonly url?: string };
  readonly route?: { readonly path?: unknown };
}

function matchedTemplate({ routeOptions, route }: MatchedRequest): string | undefined {
  const template = routeOptions?.url ?? route?.path;
  return typeof template === 'string' ? template : undefined;
}
