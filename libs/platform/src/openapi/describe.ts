import {
  applyDecorators,
  RequestMethod,
  SetMetadata,
  type INestApplicationContext,
  type Type,
} from '@nestjs/common';
import {
  HTTP_CODE_METADATA,
  METHOD_METADATA,
  PATH_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import type { JsonSchema } from './schema.js';

/** A body that no request class describes. */
export interface DescribedBody {
  /** The media types that it may have. */
  readonly types: readonly string[];
  readonly schema: JsonSchema;
}

/** What the route and the parameters of a handler do not say. */
export interface EndpointDescription {
  /** The body of a success; absent: it has none. */
  readonly answer?: JsonSchema;
  /** `application/json` unless it says otherwise. */
  readonly answerType?: string;
  /** What an example of the answer has beside the members that are always there; of a text, the text. */
  readonly answerExample?: object | string;
  /** What a success means. */
  readonly meaning?: string;
  readonly body?: DescribedBody;
  /** A body that is accepted. */
  readonly example?: object;
  /** How the endpoint refuses requests, beside the refusals of its {@link ApiPart}. */
  readonly refusals?: Readonly<Record<number, string>>;
}

/** What the endpoints of a controller have in common. */
export interface ApiPart {
  readonly tag: string;
  /** Any of these lets a request in; empty: none is needed. By the names of the document's security schemes. */
  readonly security: (method: string) => readonly Readonly<Record<string, readonly string[]>>[];
  /** How every endpoint may refuse a request, by status. */
  readonly refusals: (endpoint: Endpoint) => Readonly<Record<number, string | undefined>>;
  /** The body of a refusal. */
  readonly refusal: JsonSchema;
  readonly refusalType?: string;
  /** Whether members that a request class does not know are refused, and not dropped. */
  readonly isStrict?: boolean;
}

/** What a parameter of a handler reads. */
export type InputKind = 'body' | 'optionalBody' | 'patch' | 'query' | 'condition';

/** A route that a controller of the running application serves. */
export interface Endpoint {
  /** In upper case. */
  readonly method: string;
  /** With `:name` for parameters. Of a controller with several paths the first one, which is the one that is described. */
  readonly path: string;
  readonly controller: Type<unknown>;
  /** The name of the handler's method. */
  readonly handler: string;
  /** Of a success. */
  readonly status: number;
  /** The classes of what it reads; `Object` where no class describes it. */
  readonly inputs: Readonly<Partial<Record<InputKind, Type<object>>>>;
}

const SUMMARY = Symbol('summary of an endpoint');
const DESCRIPTION = Symbol('description of an endpoint');
const PART = Symbol('part of an API');
const INPUTS = Symbol('inputs of an endpoint');

/** Describes an endpoint beside its handler, whose name is the id of the operation. */
export function Describe(summary: string, description: EndpointDescription = {}): MethodDecorator {
  return applyDecorators(SetMetadata(SUMMARY, summary), SetMetadata(DESCRIPTION, description));
}

/** Describes what the endpoints of a controller have in common. */
export const DescribeAll = (part: ApiPart): ClassDecorator => SetMetadata(PART, part);

/** A parameter decorator of our own that says what it reads; Nest's `@Body` and `@Query` need none of this. */
export function describedInput(
  kind: InputKind,
  type: Type<object>,
  decorator: ParameterDecorator,
): ParameterDecorator {
  return (target, handler, index) => {
    const before = Reflect.getOwnMetadata(INPUTS, target, handler ?? '') as object | undefined;
    Reflect.defineMetadata(INPUTS, { ...before, [kind]: type }, target, handler ?? '');
    decorator(target, handler, index);
  };
}

/** `null` for a handler without {@link Describe}. */
export function descriptionOf({
  controller,
  handler,
}: Endpoint): ({ summary: string } & EndpointDescription) | null {
  const method = (controller.prototype as Record<string, object>)[handler] ?? {};
  const summary = Reflect.getMetadata(SUMMARY, method) as string | undefined;
  if (summary === undefined) return null;
  return { summary, ...(Reflect.getMetadata(DESCRIPTION, method) as EndpointDescription) };
}

/** @throws Error for a controller without {@link DescribeAll} */
export function partOf({ controller }: Endpoint): ApiPart {
  const part = Reflect.getMetadata(PART, controller) as ApiPart | undefined;
  if (part === undefined) throw new Error(`${controller.name} has no @DescribeAll`);
  return part;
}

/** All routes that controllers serve. HEAD comes with every GET. */
export function applicationRoutes(application: INestApplicationContext): Endpoint[] {
  const scanner = new MetadataScanner();
  return [...application.get(ModulesContainer).values()].flatMap(({ controllers }) =>
    [...controllers.values()].flatMap(({ metatype }) => {
      const controller = metatype as Type<unknown>;
      return scanner
        .getAllMethodNames(controller.prototype as object)
        .flatMap((handler) => endpointOf(controller, handler) ?? []);
    }),
  );
}

function endpointOf(controller: Type<unknown>, handler: string): Endpoint | null {
  const method = (controller.prototype as Record<string, object>)[handler] ?? {};
  const verb = Reflect.getMetadata(METHOD_METADATA, method) as RequestMethod | undefined;
  if (verb === undefined) return null;
  const paths = [controller, method].flatMap((target) => {
    const path = Reflect.getMetadata(PATH_METADATA, target) as string | string[];
    return Array.isArray(path) ? path.slice(0, 1) : [path];
  });
  const status = Reflect.getMetadata(HTTP_CODE_METADATA, method) as number | undefined;
  return {
    method: RequestMethod[verb],
    path: `/${paths
      .flatMap((path) => path.split('/'))
      .filter(Boolean)
      .join('/')}`,
    controller,
    handler,
    status: status ?? (verb === RequestMethod.POST ? 201 : 200),
    inputs: inputsOf(controller, handler),
  };
}

function inputsOf(controller: Type<unknown>, handler: string): Endpoint['inputs'] {
  const prototype = controller.prototype as object;
  const types = (Reflect.getMetadata('design:paramtypes', prototype, handler) ?? []) as Type<object>[];
  const parameters = Object.entries(
    (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) ?? {}) as Record<
      string,
      { index: number }
    >,
  );
  const typeOf = (kind: RouteParamtypes): Type<object> | undefined => {
    const index = parameters.find(([key]) => key.startsWith(`${kind}:`))?.[1].index;
    return index === undefined ? undefined : types[index];
  };
  const [body, query] = [typeOf(RouteParamtypes.BODY), typeOf(RouteParamtypes.QUERY)];
  const own = Reflect.getMetadata(INPUTS, prototype, handler) as Endpoint['inputs'] | undefined;
  return { ...(body && { body }), ...(query && { query }), ...own };
}
