import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenApiDocument } from './document.js';

/**
 * Serves the description of the API at `/docs`, as a page and as `openapi.json`. Neither is made, or even loaded, before
 * somebody asks for it.
 *
 * @param url where clients reach the server
 */
export function serveDocs(
  application: NestFastifyApplication,
  load: () => Promise<OpenApiDocument>,
  url: string,
): void {
  const fastify = application.getHttpAdapter().getInstance();
  fastify.get('/docs/openapi.json', async (_request, reply) =>
    reply
      .type('application/json; charset=utf-8')
      .send(JSON.stringify({ ...(await load()), servers: [{ url }] })),
  );
  fastify.get('/docs', async (_request, reply) => {
    const { docsPage, DOCS_PAGE_POLICY } = await import('./docs-page.js');
    return reply
      .header('content-security-policy', DOCS_PAGE_POLICY)
      .type('text/html; charset=utf-8')
      .send(docsPage(await load()));
  });
}
