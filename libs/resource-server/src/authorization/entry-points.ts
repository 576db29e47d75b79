import {
  Injectable,
  Logger,
  UseFilters,
  UseGuards,
  type CanActivate,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import { SocketErrorFilter } from '../refusals/socket-error.filter.js';
import { assertJudged } from '../request/judgement.js';
import { sharedSymbol } from '../request/shared-symbol.js';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import { accessOf } from './public.decorator.js';
import { assertNothingReplaced, decoratedNames, isRestricted } from './route-requirements.js';

/** Metadata keys of the decorators in Nest's packages; the same in Nest 10, 11 and 12. */
const MESSAGE_PATTERN = 'microservices:pattern';
const SOCKET_MESSAGE = 'websockets:message_mapping';
const GATEWAY = 'websockets:is_gateway';
const GATEWAY_PORT = 'port';
const GATEWAY_OPTIONS = 'websockets:gateway_options';
const RESOLVER_TYPE = 'graphql:resolver_type';
const RESOLVER_FIELD = 'graphql:resolve_property';
const GRAPHQL_OPTIONS = 'GqlModuleOptions';

/** Handlers that Nest calls without guards, whatever their decorators. */
const UNGUARDED = ['SCHEDULER_TYPE', 'EVENT_LISTENER_METADATA'];

const ROOT_TYPES = ['Query', 'Mutation', 'Subscription'];

const BOUND = sharedSymbol('bound');

/** Refuses a message for which none of our guards was called. */
const MESSAGE_CHECK: CanActivate = {
  canActivate: (context) =>
    accessOf(context.getHandler(), context.getClass()) === 'public' || assertJudged(context, null),
};

/** A class that handles socket messages, and its address. */
interface Gateway {
  readonly type: Type;
  readonly port: number;
  readonly path: string | undefined;
  /** The namespace of socket.io. */
  readonly namespace: string | undefined;
}

/**
 * Handlers that are called without a route: messages of sockets and microservices, GraphQL fields, jobs. Nest calls
 * guards for only some of them, depending on its version and on the setup of the application. So each message handler
 * gets a check that refuses the message if none of our guards was called. Requirements that nothing would check stop
 * the start.
 */
@Injectable()
export class EntryPoints implements OnModuleInit {
  readonly #logger = new Logger('ResourceServer');

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly moduleRef: ModuleRef,
    private readonly settings: ResourceServerSettings,
  ) {
    // In the constructor, because Nest reads the checks when it registers handlers, after all instances were created.
    const classes = [...discovery.getControllers(), ...discovery.getProviders()].flatMap(({ metatype }) =>
      isClass(metatype) ? [metatype] : [],
    );
    for (const type of new Set(classes)) this.#bind(type);
  }

  get gateways(): Gateway[] {
    return this.#providers()
      .filter((type) => Reflect.hasMetadata(GATEWAY, type))
      .map((type) => {
        const { path, namespace } = Reflect.getMetadata(GATEWAY_OPTIONS, type) as GatewayOptions;
        return {
          type,
          port: Reflect.getMetadata(GATEWAY_PORT, type) as number,
          ...placeOf({ path, namespace }),
        };
      });
  }

  /** Whether a gateway has anything that is not public. */
  needsToken(gateway: Type): boolean {
    return accessOf(gateway, gateway) !== 'public' || restrictedNames(gateway).length > 0;
  }

  /** @throws Error naming a handler or class whose requirements would not be checked */
  onModuleInit(): void {
    for (const type of this.#providers()) {
      assertNothingReplaced(type);
      const names = this.scanner.getAllMethodNames(type.prototype as object);
      const entries = names.filter((name) => isEntry(type, name) && this.#isGuarded(type, name));
      if (entries.length === 0 && isRestricted(type)) this.#reject(type.name, []);
      for (const name of restrictedNames(type)) {
        if (!entries.includes(name)) this.#reject(`${type.name}.${name}`, keysOf(type, name));
      }
    }
  }

  #providers(): Type[] {
    const all = this.discovery.getProviders().map(({ metatype }) => metatype);
    return [...new Set(all)].filter((type) => isClass(type));
  }

  #bind(type: Type): void {
    const prototype = type.prototype as Record<string, object>;
    for (const name of this.scanner.getAllMethodNames(prototype)) {
      const handler = prototype[name];
      const keys = keysOf(type, name);
      const isSocketMessage = keys.includes(SOCKET_MESSAGE);
      if (handler === undefined || keys.includes(BOUND)) continue;
      if (!isSocketMessage && !keys.includes(MESSAGE_PATTERN)) continue;
      Reflect.defineMetadata(BOUND, true, handler);
      UseGuards(MESSAGE_CHECK)(prototype, name, { value: handler });
      // Nest does not apply global filters to sockets either.
      if (isSocketMessage) UseFilters(new SocketErrorFilter())(prototype, name, { value: handler });
    }
  }

  /** Guards are called for fields of objects only if the application enables it. */
  #isGuarded(type: Type, name: string): boolean {
    const keys = keysOf(type, name);
    if (!keys.includes(RESOLVER_FIELD)) return true;
    try {
      const options = this.moduleRef.get<{ fieldResolverEnhancers?: string[] }>(GRAPHQL_OPTIONS, {
        strict: false,
      });
      return options.fieldResolverEnhancers?.includes('guards') === true;
    } catch {
      return false;
    }
  }

  #reject(place: string, keys: readonly unknown[]): void {
    if (keys.includes(RESOLVER_FIELD)) {
      throw new Error(
        `${place} requires something of tokens, and GraphQL calls no guards for fields of objects: set fieldResolverEnhancers: ['guards'] in GraphQLModule`,
      );
    }
    const isUnguarded = UNGUARDED.some((key) => keys.includes(key));
    if (isUnguarded || this.settings.requestOf === null) {
      throw new Error(
        `${place} requires something of tokens, and nothing would check it: it is no handler of a request, a message or a GraphQL field. Jobs and events have no token, unless the option requestOf says where it is`,
      );
    }
    this.#logger.warn(`${place} requires something of tokens: this holds only if guards are called for it`);
  }
}

interface GatewayOptions {
  readonly path?: string | undefined;
  readonly namespace?: string | RegExp | undefined;
}

/** Normalises a namespace: it begins with a slash, which the declaration may omit. */
export function placeOf({ path, namespace }: GatewayOptions): Pick<Gateway, 'path' | 'namespace'> {
  return { path, namespace: namespace === undefined ? undefined : String(namespace).replace(/^\/?/, '/') };
}

function isClass(type: unknown): type is Type {
  return typeof type === 'function' && typeof type.prototype === 'object';
}

function keysOf(type: Type, name: string): unknown[] {
  const handler = (type.prototype as Record<string, object | undefined>)[name];
  return handler === undefined ? [] : (Reflect.getMetadataKeys(handler) as unknown[]);
}

/** Whether Nest or one of its packages is known to call guards for a method. */
function isEntry(type: Type, name: string): boolean {
  const keys = keysOf(type, name);
  if (keys.includes(SOCKET_MESSAGE) || keys.includes(RESOLVER_FIELD)) return true;
  const handler = (type.prototype as Record<string, object>)[name] ?? type;
  return ROOT_TYPES.includes(Reflect.getMetadata(RESOLVER_TYPE, handler) as string);
}

/** Names of methods with one of our decorators, including inherited ones. */
function restrictedNames(type: Type): string[] {
  const names: string[] = [];
  let prototype = type.prototype as object | null;
  for (; prototype !== null; prototype = Object.getPrototypeOf(prototype) as object | null) {
    names.push(...decoratedNames(prototype).map(String));
  }
  return [...new Set(names)].filter((name) => {
    const handler = (type.prototype as Record<string, object | undefined>)[name];
    return handler !== undefined && isRestricted(handler);
  });
}
