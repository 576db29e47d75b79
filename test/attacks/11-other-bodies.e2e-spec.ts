import { afterAll, beforeAll, it } from '@jest/globals';
import { ALICE, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import { basic, send } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';

const FORM = 'application/x-www-form-urlencoded';
const right = new URLSearchParams({ grant_type: 'password', ...ALICE }).toString();

const BODIES: [string, string, string | Buffer][] = [
  ['an operator in the password', FORM, right.replace('password=c', 'password[$ne]=c')],
  ['an encoded operator', FORM, right.replace('password=c', 'password%5B%24ne%5D=c')],
  ['a list of user names', FORM, right.replace('username=', 'username[]=')],
  ['a member of an object', FORM, right.replace('username=', 'username[name]=')],
  ['a member of a prototype', FORM, right.replace('username=', '__proto__[username]=')],
  ['JSON', 'application/json', JSON.stringify({ grant_type: 'password', ...ALICE })],
  [
    'JSON with an operator',
    'application/json',
    JSON.stringify({ grant_type: 'password', username: { $ne: '' } }),
  ],
  ['JSON that is called a form', FORM, JSON.stringify({ grant_type: 'password', ...ALICE })],
  [
    'multipart',
    'multipart/form-data; boundary=x',
    Object.entries({ grant_type: 'password', ...ALICE })
      .map(([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
      .join('') + '--x--\r\n',
  ],
  ['no type', '', right],
  ['another charset', `${FORM}; charset=iso-8859-1`, right],
  ['UTF-16', `${FORM}; charset=utf-16`, Buffer.from(right, 'utf16le')],
  ['bytes that are not UTF-8', FORM, Buffer.concat([Buffer.from(right), Buffer.of(0xff)])],
  ['a broken escape', FORM, `${right}%`],
];

describeEachDatabase('Nothing but a form is read (express-cart GHSA-f5cv-xrv9-r8w7)', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect);
  });

  afterAll(() => stack.stop());

  it.each(BODIES)('%s is an invalid request, though the credentials are right', async (_, type, body) => {
    const headers = { authorization: basic(SHOP), ...(type !== '' && { 'content-type': type }) };
    const answer = await send(`${stack.issuer}/oauth/token`, { method: 'POST', headers, body });
    expectOAuthError(answer, 400, 'invalid_request');
  });
});
