import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ALICE, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import { basic, postForm, send, type Form } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';

const FORM = { grant_type: 'password', ...ALICE };
const QUERY = new URLSearchParams(FORM).toString();

describeEachDatabase('A parameter comes once, and in the body (RFC 6749 section 3.2)', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect);
  });

  afterAll(() => stack.stop());

  it.each([...Object.entries(FORM), ['scope', 'resources:read'], ['unheard_of', 'x']] as const)(
    '%s twice, the same or not',
    async (name, value) => {
      for (const [one, other] of [
        [value, value],
        [value, 'x'],
        ['x', value],
      ] as const) {
        const others = Object.entries(FORM).filter(([parameter]) => parameter !== name);
        const answer = await stack.token([...others, [name, one], [name, other]]);
        expectOAuthError(answer, 400, 'invalid_request');
      }
    },
  );

  it('credentials in the query, alone or beside those in the body', async () => {
    const url = `${stack.issuer}/oauth/token?${QUERY}`;
    const { grant_type, username } = FORM;
    const forms: Form[] = [FORM, { grant_type }, { grant_type, username }, { scope: 'resources:read' }];
    for (const form of forms) {
      expectOAuthError(await postForm(url, form, SHOP), 400, 'invalid_request');
    }
    const client = `client_id=${SHOP.clientId}&client_secret=${SHOP.secret}`;
    expectOAuthError(
      await postForm(`${stack.issuer}/oauth/token?${client}`, FORM, null),
      400,
      'invalid_request',
    );
  });

  it('GET', async () => {
    const headers = { authorization: basic(SHOP) };
    const answer = await send(`${stack.issuer}/oauth/token?${QUERY}`, { headers });
    expect(answer.status).toBe(405);
    expect(stack.log.join('\n')).not.toContain(encodeURIComponent(ALICE.password).slice(0, 12));
  });
});
