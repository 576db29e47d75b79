import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenApiDocument } from './document.js';

const TYPES = ['application/json', 'text/html', 'text/plain'] as const;

/** What a server says about itself: its name, and where more is found. */
export interface RootAnswer {
  readonly name: string;
  /** URLs, by what is there. */
  readonly links: Readonly<Record<string, string>>;
}

/**
 * Answers `GET /` with what this is, as JSON, a page or plain text, whichever the `Accept` header wants most. It says
 * no more than the metadata; the version only where the description of the API is public.
 *
 * @param load the description of the API; `null`: it is not served
 */
export function serveRoot(
  application: NestFastifyApplication,
  { name, links }: RootAnswer,
  load: (() => Promise<OpenApiDocument>) | null,
): void {
  const fastify = application.getHttpAdapter().getInstance();
  fastify.get('/', async ({ headers }, reply) => {
    const version = load === null ? [] : [['version', (await load()).info.version] as const];
    const facts = [['name', name] as const, ...version, ...Object.entries(links)];
    const type = preferredType(headers.accept);
    void reply.header('vary', 'accept').type(`${type}; charset=utf-8`);
    if (type === 'application/json') return reply.send(JSON.stringify(Object.fromEntries(facts)));
    if (type === 'text/plain') return reply.send(facts.map(([key, value]) => `${key}: ${value}\n`).join(''));
    const { escapeHtml } = await import('./docs-page.js');
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

/** RFC 9110 section 12.5.1, as far as three types need it; JSON where the client has no wish. */
function preferredType(accept = '*/*'): (typeof TYPES)[number] {
  const wishes = accept.split(',').flatMap((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = Number(parameters.find((part) => part.startsWith('q='))?.slice(2) ?? 1);
    const match = TYPES.find((candidate) => candidate === type || type === '*/*');
    return match !== undefined && weight > 0 ? [{ match, weight }] : [];
  });
  // Of equal weights, the first one.
  return wishes.sort((left, right) => right.weight - left.weight)[0]?.match ?? 'application/json';
}
