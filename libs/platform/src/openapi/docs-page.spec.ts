import { createHash } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { docsPage, DOCS_PAGE_POLICY } from './docs-page.js';
import { schemaNamed } from './document.js';
import { openApiDocument } from './open-api-document.js';
import { INTEGER, objectSchema } from './response-schema.js';

const HOSTILE = '</pre><script>"&';

const page = docsPage(
  openApiDocument({
    title: HOSTILE,
    version: '1.2.3',
    url: '/',
    examples: { q: HOSTILE, size: 7 },
    description: HOSTILE,
    securitySchemes: {},
    parts: {
      [HOSTILE]: {
        operations: {
          'PUT /things/:id': {
            id: HOSTILE,
            summary: HOSTILE,
            security: [{ bearer: ['write'] }],
            query: { properties: { q: { const: HOSTILE } } },
            headers: { 'If-Match': HOSTILE },
            body: {
              types: ['application/json'],
              schema: { const: HOSTILE },
              required: true,
              example: { a: HOSTILE },
            },
            answers: {
              200: { description: HOSTILE, schema: { const: HOSTILE } },
              201: { description: 'Made', schema: schemaNamed('Thing') },
              204: { description: '' },
            },
          },
        },
        schemas: {
          Thing: objectSchema({ size: INTEGER, inner: schemaNamed('Inner') }),
          Inner: { const: HOSTILE },
        },
      },
    },
  }),
);

it('tells methods, paths, access and answers', () => {
  expect(page).toContain('<b>PUT</b> /things/{id}');
  expect(page).toContain('Access: bearer write');
  expect(page).toContain('<code>204</code>');
});

it('shows schemas where they are used, with an example', () => {
  expect(page).not.toContain('$ref');
  expect(page).toContain('&quot;size&quot;: {');
  expect(page).toContain('&quot;size&quot;: 7');
  expect(page).toContain('Version 1.2.3');
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
