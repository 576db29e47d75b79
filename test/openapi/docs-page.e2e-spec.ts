import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { applicationRoutes, type OpenApiDocument } from '@latchkey/platform/openapi';
import { send } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';

/** Served by the guard library, and by no controller. */
const METADATA = 'GET /.well-known/oauth-protected-resource';

describe('The documentation', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack('sqlite', { resourceServer: true });
  });

  afterAll(() => stack.stop());

  const documentAt = async (base: string): Promise<OpenApiDocument> =>
    (await send(`${base}/docs/openapi.json`)).json as OpenApiDocument;
  const resources = (): string => new URL(stack.resources).origin;

  it('describes every route of the authorization server, and no other', async () => {
    expect(described(await documentAt(stack.issuer))).toEqual(routesOf(stack.application));
  });

  it('describes every route of the sample resource server, and no other', async () => {
    const { resourceServer } = stack;
    if (resourceServer === null) throw new Error('There is no resource server');
    const routes = [...routesOf(resourceServer), METADATA].sort();
    expect(described(await documentAt(resources()))).toEqual(routes);
  });

  it('refers to nothing that it does not have', async () => {
    for (const base of [stack.issuer, resources()]) {
      const document = await documentAt(base);
      const references = JSON.stringify(document).match(/#\/components\/schemas\/\w+/g) ?? [];
      const names = new Set(references.map((reference) => reference.split('/').at(-1)));
      expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining([...names]));
    }
  });

  it('says which version of the product it describes, and where the server is', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    const ownDocument = await documentAt(stack.issuer);
    expect(ownDocument).toMatchObject({ info: { version }, servers: [{ url: stack.issuer }] });
    expect(await documentAt(resources())).toMatchObject({
      info: { version },
      servers: [{ url: 'https://api.example.com/' }],
    });
  });

  it('is a page that loads and runs nothing', async () => {
    for (const base of [stack.issuer, resources()]) {
      const { status, headers, text } = await send(`${base}/docs`);
      expect(status).toBe(200);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/);
      expect(text).not.toMatch(/<script|<img|<link|(?:src|href|action)="(?!\/)/);
      expect(text).toContain('/health/live');
    }
  });

  it('is linked from the root, beside the metadata, as JSON, a page or text', async () => {
    const metadata = `${stack.issuer}/.well-known/oauth-authorization-server`;
    const root = async (accept?: string, base = stack.issuer) =>
      send(`${base}/`, { headers: { host: 'elsewhere.example', ...(accept !== undefined && { accept }) } });
    const { status, headers, json } = await root();
    expect({ status, json }).toEqual({
      status: 200,
      json: {
        name: 'Latchkey authorization server',
        version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
        metadata,
        documentation: `${stack.issuer}/docs`,
      },
    });
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', vary: 'accept' });
    expect((await send(metadata)).status).toBe(200);
    const page = await root('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8');
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.text).toContain(`<a href="${metadata}">`);
    expect((await root('application/json;q=0.5, text/plain')).text).toContain(`metadata: ${metadata}\n`);
    expect((await root('image/png')).headers['content-type']).toBe('application/json; charset=utf-8');
    expect((await root(undefined, resources())).json).toMatchObject({
      name: 'Latchkey sample resource server',
      metadata: 'https://api.example.com/.well-known/oauth-protected-resource',
    });
  });

  it('is not there when it is off', async () => {
    const silent = await startStack('sqlite', { environment: { DOCS: 'false' } });
    try {
      for (const path of ['/docs', '/docs/openapi.json']) {
        expect((await send(silent.issuer + path)).status).toBe(404);
      }
      expect((await send(`${silent.issuer}/`)).json).toEqual({
        name: 'Latchkey authorization server',
        metadata: `${silent.issuer}/.well-known/oauth-authorization-server`,
      });
    } finally {
      await silent.stop();
    }
  });
});

function described({ paths }: OpenApiDocument): string[] {
  return Object.entries(paths)
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
    .sort();
}

function routesOf(application: INestApplicationContext): string[] {
  return applicationRoutes(application)
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
    .sort();
}
