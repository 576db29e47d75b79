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

/** A body without a request class. */
export interface DescribedBody {
  /** Its possible media types. */
  readonly types: readonly string[];
  readonly schema: JsonSchema;
}

/** The part of a description that the route and the parameters of a handler do not contain. */
export interface EndpointDescription {
  /** The body of a successful response; absent: none. */
  readonly answer?: JsonSchema;
  /** By default `application/json`. */
  readonly answerType?: string;
  /** For the example of the response: optional members to include; for a text, the text. */
  readonly answerExample?: object | string;
  /** The meaning of a successful response. */
  readonly meaning?: string;
  readonly body?: DescribedBody;
  /** An example of a valid body. */
  readonly example?: object;
  /** Refusals of the endpoint, beside those of its {@link ApiPart}. */
  readonly refusals?: Readonly<Record<number, string>>;
}

/** The common description of the endpoints of a controller. */
export interface ApiPart {
  readonly tag: string;
  /** Alternatives, of which a request needs one; empty: none. By the names of the document's security schemes. */
  readonly security: (method: string) => readonly Readonly<Record<string, readonly string[]>>[];
  /** Refusals of every endpoint, by status. */
  readonly refusals: (endpoint: Endpoint) => Readonly<Record<number, string | undefined>>;
  /** The body of a refusal. */
  readonly refusal: JsonSchema;
  readonly refusalType?: string;
  /** Whether unknown members of a request class are refused; otherwise they are dropped. */
  readonly isStrict?: boolean;
}

/** The source of a handler's parameter. */
type InputKind = 'body' | 'optionalBody' | 'patch' | 'query' | 'condition';

/** A route of a controller of the running application. */
export interface Endpoint {
  /** In upper case. */
  readonly method: string;
  /** With `:name` for parameters. For a controller with several paths the first one, which is described. */
  readonly path: string;
  readonly controller: Type<unknown>;
  /** The name of the handler's method. */
  readonly handler: string;
  /** The status of a successful response. */
  readonly status: number;
  /** The classes of its inputs; `Object` without a class. */
  readonly inputs: Readonly<Partial<Record<InputKind, Type<object>>>>;
}

const SUMMARY = Symbol('summary of an endpoint');
const DESCRIPTION = Symbol('description of an endpoint');
const PART = Symbol('part of an API');
const INPUTS = Symbol('inputs of an endpoint');

/** Describes an endpoint at its handler, whose name is the id of the operation. */
export function Describe(summary: string, description: EndpointDescription = {}): MethodDecorator {
  return applyDecorators(SetMetadata(SUMMARY, summary), SetMetadata(DESCRIPTION, description));
}

/** The common description of the endpoints of a controller. */
export const DescribeAll = (part: ApiPart): ClassDecorator => SetMetadata(PART, part);

/** Marks a parameter decorator of our own with its source; Nest's `@Body` and `@Query` need no mark. */
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

/** All routes of controllers. HEAD is included with every GET. */
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
