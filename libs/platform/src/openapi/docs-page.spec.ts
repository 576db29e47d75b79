import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { expect, it, beforeAll } from '@jest/globals';
import { Body, Controller, Module, Put, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IsIn } from 'class-validator';
import { Describe, DescribeAll, describedInput } from './describe.js';
import { docsPage, DOCS_PAGE_POLICY } from './docs-page.js';
import { openApiDocument, type OpenApiDocument } from './document.js';
import { INTEGER, named, objectSchema } from './schema.js';

const HOSTILE = '</pre><script>"&';

class Input {
  @IsIn([HOSTILE])
  q!: string;
}

const INNER = named('Inner', { const: HOSTILE });
const THING = named('Thing', objectSchema({ size: INTEGER, inner: INNER }));

@DescribeAll({
  tag: HOSTILE,
  security: () => [{ bearer: ['write'] }],
  refusals: ({ inputs }) => ({ 400: HOSTILE, ...(inputs.condition && { 412: 'Changed' }) }),
  refusal: INNER,
})
@Controller('things')
class ThingsController {
  @Put(':id')
  @Describe(HOSTILE, { answer: THING, example: { q: HOSTILE }, refusals: { 409: 'Taken' } })
  changeThing(
    @Query() query: Input,
    @describedInput('condition', Object, Body('etag')) condition: string,
    @Body() body: Input,
  ): unknown {
    return { query, body, condition };
  }

  @Put()
  notDescribed(): void {
    // Left out of the document.
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

let document: OpenApiDocument;
let page: string;

beforeAll(async () => {
  const application = await NestFactory.createApplicationContext(ThingsModule, { logger: false });
  document = openApiDocument(application, {
    title: HOSTILE,
    version: '1.2.3',
    url: '/',
    examples: { q: HOSTILE, size: 7 },
    description: HOSTILE,
    securitySchemes: {},
  });
  page = docsPage(document);
  await application.close();
});

it('describes an endpoint by its route, its parameters and what is said beside its handler', () => {
  expect(Object.keys(document.paths)).toEqual(['/things/{id}']);
  const operation = document.paths['/things/{id}']?.put;
  expect(operation).toMatchObject({
    operationId: 'changeThing',
    requestBody: { required: true, content: { 'application/json': { schema: { required: ['q'] } } } },
  });
  expect(operation?.parameters.map(({ name, in: place }) => `${place} ${name}`)).toEqual([
    'path id',
    'query q',
    'header If-Match',
  ]);
  expect(Object.keys(operation?.responses ?? {})).toEqual(['200', '400', '409', '412']);
  expect(Object.keys(document.components.schemas)).toEqual(['Inner', 'Thing']);
});

it('shows methods, paths, access and answers', () => {
  expect(page).toContain('<b>PUT</b> /things/{id}');
  expect(page).toContain('Access: bearer write');
  expect(page).toContain('<code>412</code>');
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
