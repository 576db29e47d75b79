import type { OpenApiDocument } from '@latchkey/platform/openapi';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { request } from 'undici';
import { requestsTo, type FuzzedRequest, type RequestOptions } from './requests.js';

/** As many at a time as a server has to do with when it is used. */
const PARALLEL = 8;

interface Findings {
  /** What a server answered that its document does not say, with the request that made it. */
  readonly problems: readonly string[];
  /** How often each operation answered what: `GET /x 200`. */
  readonly seen: ReadonlyMap<string, number>;
}

interface Response {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * Sends so many requests, and compares the answers with the document. The seed is in each problem, and told at the start
 * for a run that does not come to its end.
 */
export async function fuzz(
  base: string,
  document: OpenApiDocument,
  options: RequestOptions & { numRuns: number },
): Promise<Findings> {
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
  process.stderr.write(`FUZZ_SEED=${seed}\n`);
  const requests = fc.sample(requestsTo(document, options), { numRuns: options.numRuns, seed });
  const judge = new Judge(document);
  const problems: string[] = [];
  const seen = new Map<string, number>();
  const next = requests.values();
  const work = async (): Promise<void> => {
    for (const one of next) {
      const response = await perform(base, one);
      const key = `${one.method} ${one.template} ${response.status}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
      const problem = judge.problemOf(one, response);
      if (problem !== null) problems.push(`${problem} (FUZZ_SEED=${seed}): ${describe(one, response)}`);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return { problems, seen };
}

async function perform(base: string, { method, path, headers, body }: FuzzedRequest): Promise<Response> {
  const answer = await request(base + path, {
    method,
    headers,
    ...(body !== undefined && { body }),
  });
  const type = String(answer.headers['content-type'] ?? '').split(';')[0] ?? '';
  // A stream of events has no end.
  if (type === 'text/event-stream') answer.body.on('error', () => undefined).destroy();
  const text = type === 'text/event-stream' ? '' : await answer.body.text();
  return { status: answer.statusCode, type, body: text };
}

/** Knows what a document allows. */
class Judge {
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false });
  readonly #validators = new Map<object, ValidateFunction>();

  constructor({ components }: OpenApiDocument) {
    this.#ajv.addSchema({ $id: 'document', components });
  }

  problemOf({ operation }: FuzzedRequest, { status, type, body }: Response): string | null {
    const documented = operation.responses[String(status)];
    if (documented === undefined) return `undocumented status ${status}`;
    if (status >= 500) return `failure ${status}`;
    if (documented.content === undefined) return body === '' ? null : 'a body where none is documented';
    const content = documented.content[type];
    if (content === undefined) return `undocumented media type ${type}`;
    if (!type.endsWith('json')) return null;
    const validate = this.#validatorOf(content.schema);
    return validate(JSON.parse(body)) ? null : `undocumented body: ${this.#ajv.errorsText(validate.errors)}`;
  }

  #validatorOf(schema: object): ValidateFunction {
    const known = this.#validators.get(schema);
    if (known !== undefined) return known;
    const absolute = JSON.parse(
      JSON.stringify(schema).replaceAll('"#/components', '"document#/components'),
    ) as object;
    const validator = this.#ajv.compile(absolute);
    this.#validators.set(schema, validator);
    return validator;
  }
}

function describe({ method, path, headers, body }: FuzzedRequest, response: Response): string {
  const short = { method, path: path.slice(0, 300), headers, body: body?.slice(0, 600) };
  return JSON.stringify({ ...short, response: { ...response, body: response.body.slice(0, 300) } });
}
