import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenApiContent, OpenApiOperation } from '@latchkey/platform/openapi';
import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  administrationBy,
  EVERYTHING,
  ROOT,
  startAdministered,
  type AdminApi,
} from '../support/admin-api.js';
import type { Stack } from '../support/stack.js';
import { committedDocument } from './support/documents.js';
import { Authenticator } from '../support/second-factors.js';

describe.each(['authorization-server', 'resource-server'] as const)(
  'The OpenAPI document of the %s',
  (name) => {
    const { paths, components } = committedDocument(name);
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));

    it('gives each operation an id of its own, which is a name in every language', () => {
      const ids = operations.map(({ operationId }) => operationId);
      expect(new Set(ids).size).toBe(ids.length);
      for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
    });

    it('has an example of every body and every success, which fits its schema', () => {
      const ajv = new Ajv2020({ strict: false, validateFormats: false });
      ajv.addSchema({ $id: 'document', components });
      let validated = 0;
      const check = (operation: OpenApiOperation, content: OpenApiContent = {}) => {
        for (const { schema, example } of Object.values(content)) {
          const absolute = JSON.stringify(schema).replaceAll('"#/components', '"document#/components');
          const isValid = ajv.validate(JSON.parse(absolute) as object, example);
          expect({ id: operation.operationId, isValid, errors: ajv.errors }).toMatchObject({ isValid: true });
          validated++;
        }
      };
      for (const operation of operations) {
        check(operation, operation.requestBody?.content);
        for (const [status, { content }] of Object.entries(operation.responses)) {
          if (Number(status) < 400) check(operation, content);
        }
      }
      expect(validated).toBeGreaterThan(10);
    });
  },
);

describe('The administration API', () => {
  const { paths } = committedDocument('authorization-server');
  /** In this order: what one makes, the next ones change. */
  const changes = Object.entries(paths)
    .filter(([path]) => path.startsWith('/admin/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        operation,
      })),
    )
    .filter(({ operation }) => operation.requestBody !== undefined);
  let stack: Stack;
  let admin: AdminApi;
  let sub: string;
  let factor = { id: '', secret: '' };

  beforeAll(async () => {
    stack = await startAdministered('sqlite');
    admin = await administrationBy(stack, ROOT, EVERYTHING);
    const user = await admin.post('/users', { username: 'victim', password: 'lantern mortal crisp tray' });
    ({ sub } = user.json as { sub: string });
  });

  afterAll(() => stack.stop());

  const send = async (method: string, template: string, body: unknown) => {
    const path = template
      .replace('/admin', '')
      .replace('{client_id}', 'reports')
      .replace('{name}', 'reports:read')
      .replace('{sub}', sub)
      .replace('{id}', factor.id);
    const tag = String((await admin.get(path)).headers.etag);
    return admin.call(method, path, body, { 'if-match': tag });
  };

  it.each(changes.filter(({ path }) => !path.startsWith('/admin/keys')))(
    'takes the example of $method $path',
    async ({ method, path, operation }) => {
      const [content] = Object.values(operation.requestBody?.content ?? {});
      // No example can have the code of the moment.
      const code = path.endsWith('/confirm') && { code: new Authenticator(factor.secret).code() };
      const answer = await send(method, path, { ...(content?.example as object), ...code });
      if (path.endsWith('/factors')) factor = answer.json as typeof factor;
      const { status, text } = answer;
      expect({ status, text: status < 300 ? '' : text }).toEqual({ status: expect.any(Number), text: '' });
    },
  );

  it.each(changes.filter(({ operation }) => operation.requestBody?.required === false))(
    'needs no body where the document says so: $method $path',
    async ({ method, path }) => {
      const { status, text } = await send(method, path, undefined);
      expect({ status, text: status < 300 ? '' : text }).toEqual({ status: expect.any(Number), text: '' });
    },
  );

  it.each(changes.filter(({ operation }) => operation.requestBody?.required))(
    'refuses a request without a body where the document asks for one: $method $path',
    async ({ method, path }) => {
      expect((await send(method, path, undefined)).status).toBe(400);
    },
  );
});
