import type {
  ApiDescription,
  JsonSchema,
  OpenApiContent,
  OpenApiDocument,
  OpenApiOperation,
  OpenApiOptions,
  OpenApiParameter,
  Operation,
} from './document.js';

/** Of the interface, which is what the document describes: it changes when a client would have to. */
const VERSION = '1.0.0';

/** Makes the document of an API (OpenAPI 3.1) from the descriptions of its parts. */
export function openApiDocument(options: OpenApiOptions): OpenApiDocument {
  const { title, description, securitySchemes, parts } = options;
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const [tag, { operations }] of Object.entries(parts)) {
    for (const [route, operation] of Object.entries(operations)) {
      const [method = '', path = ''] = route.split(' ');
      const ofPath = (paths[path.replace(/:(\w+)/g, '{$1}')] ??= {});
      ofPath[method.toLowerCase()] = toOpenApi(tag, path, operation);
    }
  }
  return {
    openapi: '3.1.0',
    info: { title, version: VERSION, description },
    paths,
    components: { schemas: allSchemas(Object.values(parts)), securitySchemes },
  };
}

function toOpenApi(tag: string, path: string, operation: Operation): OpenApiOperation {
  const { summary, security, query, headers = {}, body, answers } = operation;
  const responses = Object.entries(answers).map(([status, { description, schema, type }]) => [
    status,
    { description, ...(schema && { content: content([type ?? 'application/json'], schema) }) },
  ]);
  return {
    tags: [tag],
    summary,
    security,
    parameters: [
      ...pathParameters(path),
      ...(query ? queryParameters(query) : []),
      ...Object.entries(headers).map(([name, description]) => headerParameter(name, description)),
    ],
    ...(body && { requestBody: { required: body.required, content: content(body.types, body.schema) } }),
    responses: Object.fromEntries(responses) as OpenApiOperation['responses'],
  };
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

function content(types: readonly string[], schema: JsonSchema): OpenApiContent {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

function allSchemas(parts: readonly ApiDescription[]): Record<string, JsonSchema> {
  return Object.fromEntries(parts.flatMap(({ schemas = {} }) => Object.entries(schemas)));
}
