/** JSON Schema 2020-12, which OpenAPI 3.1 takes as it is. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What members look like, by their names. */
export type ExampleValues = Readonly<Record<string, unknown>>;

export interface DescribedBody {
  /** The media types that it may have. */
  readonly types: readonly string[];
  readonly schema: JsonSchema;
  /** Whether there must be one. */
  readonly required: boolean;
  /** One that is accepted. */
  readonly example: object;
}

export interface DescribedAnswer {
  readonly description: string;
  /** Absent: no body. */
  readonly schema?: JsonSchema;
  /** What an example has beside the members that are always there; of a text, the text. */
  readonly example?: object | string;
  /** `application/json` unless it says otherwise. */
  readonly type?: string;
}

/** What a route takes, and everything that it answers. */
export interface Operation {
  /** What generated clients call it. */
  readonly id: string;
  readonly summary: string;
  /** Any of these lets a request in; empty: none is needed. By the names of {@link OpenApiOptions.securitySchemes}. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  /** The schema of an object whose members are the parameters. */
  readonly query?: JsonSchema;
  /** Descriptions of headers that must be sent, by name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: DescribedBody;
  readonly answers: Readonly<Record<number, DescribedAnswer>>;
}

/** A part of an API. */
export interface ApiDescription {
  /** By method and path, as in `GET /clients/:client_id`. */
  readonly operations: Readonly<Record<string, Operation>>;
  /** Schemas that operations name with {@link schemaNamed}. */
  readonly schemas?: Readonly<Record<string, JsonSchema>>;
}

export interface OpenApiOptions {
  readonly title: string;
  /** Of the product. */
  readonly version: string;
  readonly description: string;
  /** Where the server is, unless it says so itself when it serves the document. */
  readonly url: string;
  /** What members and parameters look like, by name. */
  readonly examples: ExampleValues;
  readonly securitySchemes: Readonly<Record<string, object>>;
  /** What there is under each tag. */
  readonly parts: Readonly<Record<string, ApiDescription>>;
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
  readonly security: Operation['security'];
  readonly parameters: readonly OpenApiParameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: OpenApiContent };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: OpenApiContent }>
  >;
}

/** Refers to one of the schemas of the document. */
export function schemaNamed(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}
