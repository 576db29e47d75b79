import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DOCS_PAGE_POLICY, docsPage, escapeHtml } from './docs-page.js';
import { openApiDocument, type OpenApiOptions } from './document.js';

/** Serves the description of the API at `/docs`, as a page and as `openapi.json`. */
export function serveDocs(application: NestFastifyApplication, options: OpenApiOptions): void {
  const fastify = application.getHttpAdapter().getInstance();
  const document = once(() => openApiDocument(application, options));
  const json = once(() => Buffer.from(JSON.stringify(document())));
  const page = once(() => Buffer.from(docsPage(document())));
  fastify.get('/docs/openapi.json', (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(json()),
  );
  fastify.get('/docs', (_request, reply) =>
    reply.header('content-security-policy', DOCS_PAGE_POLICY).type('text/html; charset=utf-8').send(page()),
  );
}

/** Anybody may ask for the description, and rendering it takes tens of milliseconds. */
function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

const TYPES = ['application/json', 'text/html', 'text/plain'] as const;

/** The information at `GET /`. */
export interface RootAnswer {
  readonly name: string;
  /** `null`: not shown. */
  readonly version: string | null;
  /** URLs by their label. */
  readonly links: Readonly<Record<string, string>>;
}

/**
 * Answers `GET /` with a short description of the server, as JSON, a page or plain text, by the preference of the
 * `Accept` header. It reveals no more than the metadata; the version only if the description of the API is public.
 */
export function serveRoot(application: NestFastifyApplication, { name, version, links }: RootAnswer): void {
  const fastify = application.getHttpAdapter().getInstance();
  const facts = [
    ['name', name] as const,
    ...(version === null ? [] : [['version', version] as const]),
    ...Object.entries(links),
  ];
  fastify.get('/', ({ headers }, reply) => {
    const type = preferredType(headers.accept);
    void reply.header('vary', 'accept').type(`${type}; charset=utf-8`);
    if (type === 'application/json') return reply.send(JSON.stringify(Object.fromEntries(facts)));
    if (type === 'text/plain') return reply.send(facts.map(([key, value]) => `${key}: ${value}\n`).join(''));
    const items = facts.slice(1).map(([key, value]) => {
      const text = escapeHtml(value);
      return `<li>${escapeHtml(key)}: ${key in links ? `<a href="${text}">${text}</a>` : text}</li>`;
    });
    const title = escapeHtml(name);
    return reply.send(
      `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>\n` +
        `<body><h1>${title}</h1><ul>${items.join('')}</ul></body></html>\n`,
    );
  });
}

/** RFC 9110 section 12.5.1, as far as three types need it; JSON if the client has no preference. */
function preferredType(accept = '*/*'): (typeof TYPES)[number] {
  const wishes = accept.split(',').flatMap((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = Number(parameters.find((part) => part.startsWith('q='))?.slice(2) ?? 1);
    const match = TYPES.find((candidate) => candidate === type || type === '*/*');
    return match !== undefined && weight > 0 ? [{ match, weight }] : [];
  });
  // The first one of equal weights.
  return wishes.sort((left, right) => right.weight - left.weight)[0]?.match ?? 'application/json';
}
