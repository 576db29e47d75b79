import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SHOP } from '../support/builders.js';
import { expectOAuthError } from '../support/expectations.js';
import { basic, send } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';

const FORM = 'application/x-www-form-urlencoded';

/** Multipart is what PHP and R send by themselves, JSON what most others do. */
describe('RFC 6749 appendix B: another type than a form', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack('sqlite');
  });

  afterAll(() => stack.stop());

  it.each(['token', 'introspect', 'revoke'])(
    'says at /oauth/%s which type the body must have',
    async (path) => {
      for (const [type, found] of [
        ['multipart/form-data; boundary=x', 'The body is multipart/form-data'],
        ['application/json', 'The body is application/json'],
        ['Application/JSON; charset=utf-8', 'The body is application/json'],
        ['text/plain', 'The body is text/plain'],
        ['application/xml', 'The body is of another type'],
        ['x', 'The body is of another type'],
      ]) {
        const answer = await send(`${stack.issuer}/oauth/${path}`, {
          method: 'POST',
          headers: { authorization: basic(SHOP), ...(type !== undefined && { 'content-type': type }) },
          body: '{',
        });
        expectOAuthError(answer, 400, 'invalid_request');
        expect(answer.json).toMatchObject({ error_description: `${found}; send the parameters as ${FORM}` });
      }
    },
  );

  it.each(['token', 'introspect', 'revoke'])(
    'takes no body at /oauth/%s as a form that is empty',
    async (path) => {
      for (const client of [{ authorization: basic(SHOP) }, {}]) {
        const ask = (headers: Record<string, string>, body = '') =>
          send(`${stack.issuer}/oauth/${path}`, { method: 'POST', headers: { ...client, ...headers }, body });
        const { status, json } = await ask({ 'content-type': FORM }, '&');
        const types: Record<string, string>[] = [
          { 'content-type': FORM },
          { 'content-type': 'application/json' },
          {},
        ];
        for (const headers of types) {
          expect(await ask(headers)).toMatchObject({ status, json });
        }
      }
    },
  );
});
