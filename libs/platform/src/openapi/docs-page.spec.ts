import { createHash } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { docsPage, DOCS_PAGE_POLICY } from './docs-page.js';
import { openApiDocument } from './open-api-document.js';

const HOSTILE = '</pre><script>"&';

const page = docsPage(
  openApiDocument({
    title: HOSTILE,
    description: HOSTILE,
    securitySchemes: {},
    parts: {
      [HOSTILE]: {
        operations: {
          'PUT /things/:id': {
            summary: HOSTILE,
            security: [{ bearer: ['write'] }],
            query: { properties: { q: { const: HOSTILE } } },
            headers: { 'If-Match': HOSTILE },
            body: { types: ['application/json'], schema: { const: HOSTILE }, required: true },
            answers: { 200: { description: HOSTILE, schema: { const: HOSTILE } }, 204: { description: '' } },
          },
        },
        schemas: { Thing: { const: HOSTILE } },
      },
    },
  }),
);

it('tells methods, paths, access and answers', () => {
  expect(page).toContain('<b>PUT</b> /things/{id}');
  expect(page).toContain('Access: bearer write');
  expect(page).toContain('<code>204</code>');
});

it('has no markup but its own', () => {
  expect(page).not.toContain('<script');
  expect(page).not.toContain('</pre><script');
  expect(page).toContain('&lt;/pre&gt;&lt;script&gt;&quot;&amp;');
});

it('allows its style by the hash that it has', () => {
  const style = /<style>([^]*)<\/style>/.exec(page)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  expect(DOCS_PAGE_POLICY).toContain(`style-src 'sha256-${hash}'`);
});
