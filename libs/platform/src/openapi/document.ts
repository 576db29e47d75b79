import { readFileSync } from 'node:fs';
import type { INestApplicationContext } from '@nestjs/common';
import { applicationRoutes, descriptionOf, partOf, type ApiPart, type Endpoint } from './describe.js';
import { Examples, type ExampleValues } from './examples.js';
import { mergePatchSchema, RequestSchemas, type RuleSchemas } from './request-schema.js';
import { nameOf, type JsonSchema } from './schema.js';

export interface OpenApiOptions {
  readonly title: string;
  /** The version of the product. */
  readonly version: string;
  readonly description: string;
  /** The URL of the server for clients. */
  readonly url: string;
  readonly examples: ExampleValues;
  readonly securitySchemes: Readonly<Record<string, object>>;
  /** The schemas of the server's own validation rules. */
  readonly rules?: RuleSchemas;
  /** Paths without a controller. */
  readonly morePaths?: OpenApiDocument['paths'];
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

export type OpenApiContent = Readonly<
  Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>
>;

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly OpenApiParameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: OpenApiContent };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: OpenApiContent }>
  >;
}

const JSON_TYPE = 'application/json';

/** The media type of a merge patch (RFC 7396). */
const MERGE_PATCH = 'application/merge-patch+json';

/**
 * Creates the document of an API (OpenAPI 3.1) from its controllers: routes, parameters, and the `@Describe` of each
 * handler. A handler without `@Describe` is left out.
 */
export function openApiDocument(
  application: INestApplicationContext,
  options: OpenApiOptions,
): OpenApiDocument {
  const { title, version, description, url, securitySchemes, morePaths } = options;
  const examples = new Examples(options.examples);
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const endpoint of applicationRoutes(application)) {
    const operation = new OperationWriter(endpoint, examples, options.rules).write();
    if (operation === null) continue;
    const ofPath = (paths[endpoint.path.replace(/:(\w+)/g, '{$1}')] ??= {});
    ofPath[endpoint.method.toLowerCase()] = operation;
  }
  const schemas: Record<string, JsonSchema> = {};
  const referring = withReferences({ ...paths, ...morePaths }, schemas) as OpenApiDocument['paths'];
  return {
    openapi: '3.1.0',
    info: { title, version, description },
    servers: [{ url }],
    paths: referring,
    components: { schemas: sorted(schemas), securitySchemes },
  };
}

/**
 * The version of the package that a module belongs to.
 *
 * @param module its URL (`import.meta.url`), two folders below the package, as in built code, bundled or not
 */
export function packageVersion(module: string): string {
  const manifest = readFileSync(new URL('../../package.json', module), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

class OperationWriter {
  readonly #part: ApiPart;
  readonly #requests: RequestSchemas;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly examples: Examples,
    rules: RuleSchemas = {},
  ) {
    this.#part = partOf(endpoint);
    this.#requests = new RequestSchemas(this.#part.isStrict ?? false, rules);
  }

  write(): OpenApiOperation | null {
    const { method, handler, inputs, status } = this.endpoint;
    const description = descriptionOf(this.endpoint);
    if (description === null) return null;
    const { tag, security, refusals, refusal, refusalType = JSON_TYPE } = this.#part;
    const body = description.body ?? this.#body();
    const { example, meaning = 'Done' } = description;
    const refused = { ...refusals(this.endpoint), ...description.refusals };
    return {
      operationId: handler,
      tags: [tag],
      summary: description.summary,
      security: security(method),
      parameters: [
        ...this.#pathParameters(),
        ...this.#queryParameters(),
        ...(inputs.condition ? [IF_MATCH] : []),
      ],
      ...(body && {
        requestBody: {
          required: inputs.optionalBody === undefined,
          content: content(body.types, body.schema, example),
        },
      }),
      responses: {
        [status]: { description: meaning, ...this.#success(description) },
        ...Object.fromEntries(
          Object.entries(refused).map(([code, why]) => [
            code,
            { description: why ?? '', content: content([refusalType], refusal) },
          ]),
        ),
      },
    };
  }

  #success({
    answer,
    answerType = JSON_TYPE,
    answerExample,
  }: NonNullable<ReturnType<typeof descriptionOf>>): {
    content?: OpenApiContent;
  } {
    if (answer === undefined) return {};
    if (typeof answerExample === 'string') return { content: content([answerType], answer, answerExample) };
    const whole = this.examples.of(answer);
    const example = answerExample === undefined ? whole : { ...(whole as object), ...answerExample };
    return { content: content([answerType], answer, example) };
  }

  #body(): { types: readonly string[]; schema: JsonSchema } | null {
    const { optionalBody, body = optionalBody, patch } = this.endpoint.inputs;
    if (body) return { types: [JSON_TYPE], schema: this.#requests.of(body) };
    if (patch) return { types: [MERGE_PATCH, JSON_TYPE], schema: mergePatchSchema(this.#requests.of(patch)) };
    return null;
  }

  #pathParameters(): OpenApiParameter[] {
    return [...this.endpoint.path.matchAll(/:(\w+)/g)].map(([, name = '']) =>
      this.#withExample({ name, in: 'path', required: true, schema: { type: 'string' } }),
    );
  }

  #queryParameters(): OpenApiParameter[] {
    const { query } = this.endpoint.inputs;
    if (query === undefined) return [];
    const { properties = {}, required = [] } = this.#requests.of(query);
    return Object.entries(properties as Record<string, JsonSchema>).map(([name, schema]) =>
      this.#withExample({ name, in: 'query', required: (required as string[]).includes(name), schema }),
    );
  }

  #withExample(parameter: OpenApiParameter): OpenApiParameter {
    const example = this.examples.ofName(parameter.name);
    return example === undefined ? parameter : { ...parameter, example };
  }
}

const IF_MATCH: OpenApiParameter = {
  name: 'If-Match',
  in: 'header',
  required: true,
  description: 'The ETag of what is changed',
  schema: { type: 'string' },
};

/** Refusals have no example, because they all look alike. */
function content(types: readonly string[], schema: JsonSchema, example?: unknown): OpenApiContent {
  return Object.fromEntries(
    types.map((type) => [type, { schema, ...(example !== undefined && { example }) }]),
  );
}

/** Replaces each named schema by a reference, and adds the schema to `schemas`. */
function withReferences(value: unknown, schemas: Record<string, JsonSchema>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withReferences(item, schemas));
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, withReferences(each, schemas)]),
  );
  const name = nameOf(value);
  if (name === undefined) return copy;
  schemas[name] = copy;
  return { $ref: `#/components/schemas/${name}` };
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1)));
}
