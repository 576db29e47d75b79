import fc from 'fast-check';
import type {
  JsonSchema,
  OpenApiDocument,
  OpenApiOperation,
  OpenApiParameter,
} from '@latchkey/platform/openapi';
import { oddText, SchemaValues } from './values.js';

const FORM = 'application/x-www-form-urlencoded';

export interface FuzzedRequest {
  /** As in the document. */
  readonly operation: OpenApiOperation;
  readonly method: string;
  readonly template: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface RequestOptions {
  /** Values of `authorization`: good for much, for little and for nothing. `null`: none is sent. */
  readonly authorizations: readonly (string | null)[];
  /** Values that mean something to the server, by the name of a member or parameter. */
  readonly known: Readonly<Record<string, readonly unknown[]>>;
  /** How often an operation is chosen, by method and template; 10 unless it is here. */
  readonly weights?: Readonly<Record<string, number>>;
}

/** Requests to all operations of a document: as it describes them, and not. */
export function requestsTo(document: OpenApiDocument, options: RequestOptions): fc.Arbitrary<FuzzedRequest> {
  const values = new SchemaValues(document.components.schemas, options.known);
  const choices = Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      weight: options.weights?.[`${method.toUpperCase()} ${template}`] ?? 10,
      arbitrary: requestTo(method.toUpperCase(), template, operation, values, options),
    })),
  );
  return fc.oneof(...choices);
}

function requestTo(
  method: string,
  template: string,
  operation: OpenApiOperation,
  values: SchemaValues,
  { authorizations, known }: RequestOptions,
): fc.Arbitrary<FuzzedRequest> {
  const { parameters, requestBody } = operation;
  const ofKind = (kind: OpenApiParameter['in']) => parameters.filter((parameter) => parameter.in === kind);
  return fc
    .record({
      names: fc.record(
        Object.fromEntries(ofKind('path').map(({ name }) => [name, pathValue(known[`{${name}}`] ?? ['x'])])),
      ),
      query: values.object(objectOf(ofKind('query'))),
      hasQuery: ofKind('query').length > 0 ? fc.constant(true) : chance(20),
      hasHeaders: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
      tag: fc.constantFrom('*', '"1-1"', 'W/"x"', '"'),
      authorization: fc.constantFrom(...authorizations),
      body: values.object(Object.values(requestBody?.content ?? {})[0]?.schema ?? { properties: {} }),
      hasBody: requestBody ? chance(1.05) : chance(10),
      type: contentType(Object.keys(requestBody?.content ?? { 'application/json': null })),
      broken: chance(15),
    })
    .map((parts) => {
      const path = template.replace(/\{(\w+)\}/g, (_, name: string) => parts.names[name] ?? 'x');
      const query = new URLSearchParams(texts(parts.query));
      const sendsBody = parts.hasBody && method !== 'GET';
      const encoded = parts.type === FORM ? form(parts.body) : JSON.stringify(parts.body);
      return {
        operation,
        method,
        template,
        path: parts.hasQuery && query.size > 0 ? `${path}?${query.toString()}` : path,
        headers: {
          ...(parts.authorization !== null && { authorization: parts.authorization }),
          ...(sendsBody && { 'content-type': parts.type }),
          ...(parts.hasHeaders && ofKind('header').length > 0 && { 'if-match': parts.tag }),
        },
        body: sendsBody ? (parts.broken ? encoded.slice(0, -1) : encoded) : undefined,
      };
    });
}

/** True once in so many times. */
function chance(oneIn: number): fc.Arbitrary<boolean> {
  return fc.integer({ min: 0, max: 999 }).map((number) => number < 1000 / oneIn);
}

function contentType(right: readonly string[]): fc.Arbitrary<string> {
  const wrong = [
    FORM,
    'application/json',
    'text/plain',
    'multipart/form-data',
    'x',
    `${FORM};charset=latin1`,
  ];
  return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...right) }, fc.constantFrom(...wrong));
}

function pathValue(known: readonly unknown[]): fc.Arbitrary<string> {
  const odd = oddText
    .filter((text) => text !== '.' && text !== '..')
    .map((text) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '')));
  const raw = fc.constantFrom('%', '%zz', '%ff', '%00', '%ed%a0%80', 'a%2fb', '*', ';');
  return fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...known).map((value) => encodeURIComponent(String(value))) },
    { weight: 2, arbitrary: odd },
    { weight: 1, arbitrary: raw },
  );
}

function objectOf(parameters: readonly OpenApiParameter[]): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function form(body: Readonly<Record<string, unknown>>): string {
  return new URLSearchParams(texts(body)).toString();
}

function texts(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, textOf(value)]));
}
