import { readFileSync } from 'node:fs';
import type {
  ApiDescription,
  DescribedAnswer,
  JsonSchema,
  OpenApiContent,
  OpenApiDocument,
  OpenApiOperation,
  OpenApiOptions,
  OpenApiParameter,
  Operation,
} from './document.js';
import { Examples } from './example.js';

/** Makes the document of an API (OpenAPI 3.1) from the descriptions of its parts. */
export function openApiDocument(options: OpenApiOptions): OpenApiDocument {
  const { title, version, description, url, securitySchemes, parts } = options;
  const schemas = allSchemas(Object.values(parts));
  const examples = new Examples(schemas, options.examples);
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const [tag, { operations }] of Object.entries(parts)) {
    for (const [route, operation] of Object.entries(operations)) {
      const [method = '', path = ''] = route.split(' ');
      const ofPath = (paths[path.replace(/:(\w+)/g, '{$1}')] ??= {});
      ofPath[method.toLowerCase()] = toOpenApi(tag, path, operation, examples);
    }
  }
  return {
    openapi: '3.1.0',
    info: { title, version, description },
    servers: [{ url }],
    paths,
    components: { schemas, securitySchemes },
  };
}

/**
 * The version of the package that a module belongs to.
 *
 * @param module its URL (`import.meta.url`); it stands two folders below the package's own, as built code does, bundled
 *   or not
 */
export function packageVersion(module: string): string {
  const manifest = readFileSync(new URL('../../package.json', module), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function toOpenApi(tag: string, path: string, operation: Operation, examples: Examples): OpenApiOperation {
  const { id, summary, security, query, headers = {}, body, answers } = operation;
  const responses = Object.entries(answers).map(([status, { description, ...answer }]) => [
    status,
    { description, ...answerContent(Number(status), answer, examples) },
  ]);
  return {
    operationId: id,
    tags: [tag],
    summary,
    security,
    parameters: [
      ...pathParameters(path),
      ...(query ? queryParameters(query) : []),
      ...Object.entries(headers).map(([name, description]) => headerParameter(name, description)),
    ].map((parameter) => withExample(parameter, examples)),
    ...(body && {
      requestBody: { required: body.required, content: content(body.types, body.schema, body.example) },
    }),
    responses: Object.fromEntries(responses) as OpenApiOperation['responses'],
  };
}

/** Refusals all look alike, so that the example in their schema is enough. */
function answerContent(
  status: number,
  { schema, type = 'application/json', example }: Omit<DescribedAnswer, 'description'>,
  examples: Examples,
): { content?: OpenApiContent } {
  if (schema === undefined) return {};
  if (status >= 400) return { content: content([type], schema) };
  if (typeof example === 'string') return { content: content([type], schema, example) };
  const whole = examples.of(schema);
  return { content: content([type], schema, isObject(whole) ? { ...whole, ...example } : whole) };
}

function pathParameters(path: string): OpenApiParameter[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters({ properties = {}, required = [] }: JsonSchema): OpenApiParameter[] {
  return Object.entries(properties as Record<string, JsonSchema>).map(([name, schema]) => ({
    name,
    in: 'query',
    required: (required as string[]).includes(name),
    schema,
  }));
}

function headerParameter(name: string, description: string): OpenApiParameter {
  return { name, in: 'header', required: true, description, schema: { type: 'string' } };
}

function withExample(parameter: OpenApiParameter, examples: Examples): OpenApiParameter {
  const example = examples.ofName(parameter.name);
  return example === undefined ? parameter : { ...parameter, example };
}

function content(types: readonly string[], schema: JsonSchema, example?: unknown): OpenApiContent {
  return Object.fromEntries(
    types.map((type) => [type, { schema, ...(example !== undefined && { example }) }]),
  );
}

function allSchemas(parts: readonly ApiDescription[]): Record<string, JsonSchema> {
  return Object.fromEntries(parts.flatMap(({ schemas = {} }) => Object.entries(schemas)));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
