import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aConfiguration, ALICE, API, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectActive, expectInactive } from '../support/expectations.js';
import type { Credentials } from '../support/http.js';
import { aClientNamed, credentialsOf, expectSession, type Session } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';
import { reissue } from '../support/tokens.js';

const OPAQUE = credentialsOf('opaque-backend');
const ELSEWHERE = credentialsOf('other-resource-server');
const SIMILAR = credentialsOf('similar-resource-server');

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describeEachDatabase('RFC 7662 section 2.2: inactive tokens', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    const configuration = aConfiguration();
    const resourceServer = (clientId: string, audience: string) =>
      aClientNamed(clientId, {
        grant_types: undefined,
        scope: undefined,
        default_scope: undefined,
        audience: [audience],
        may_introspect: true,
      });
    configuration.clients.push(
      aClientNamed(OPAQUE.clientId, { access_token_format: 'opaque' }),
      resourceServer(ELSEWHERE.clientId, 'https://other.example.com/'),
      resourceServer(SIMILAR.clientId, 'https://api.example.com'),
    );
    stack = await startStack(dialect, { configuration });
  });

  afterAll(() => stack.stop());

  describe.each([
    ['a JWT', SHOP as Credentials],
    ['an opaque token', OPAQUE],
  ])('%s', (_name, client) => {
    let session: Session;
    let token: string;

    beforeAll(async () => {
      session = expectSession(await stack.login(ALICE, {}, client));
      token = session.access_token;
    });

    const seconds = (offset: number): number => Math.floor(Date.now() / 1000) + offset;

    it('is active to begin with, and when the server makes it again', async () => {
      expectActive(await stack.introspect(token));
      expectActive(await stack.introspect(reissue(stack, token, { exp: seconds(60) })));
    });

    it('that has expired', async () => {
      expectInactive(await stack.introspect(reissue(stack, token, { exp: seconds(-1) })));
      expectInactive(await stack.introspect(reissue(stack, token, { exp: seconds(0) })));
    });

    it.each<[string, Parameters<typeof reissue>[2]]>([
      ['of another issuer', { iss: 'https://other.example.com' }],
      ['of another audience', { aud: 'https://other.example.com/' }],
      ['of audiences that look like it', { aud: ['https://api.example.com', 'https://api.example.com/v1'] }],
      ['of no audience', { aud: [] }],
      ["of another client's login", { client_id: 'other-backend' }],
      ['of a login that is not stored', { sid: '01933b3e-7d3a-7000-8000-000000000000' }],
      ['without anything of the scope that exists', { scope: 'gone:long-ago' }],
    ])('%s', async (_case, claims) => {
      expectInactive(await stack.introspect(reissue(stack, token, claims)));
    });

    it('for a resource server that it is not meant for', async () => {
      expectInactive(await stack.introspect(token, ELSEWHERE));
      expectInactive(await stack.introspect(token, SIMILAR));
    });

    it('for a resource server that it is not meant for: the log names both audiences, once a minute', () => {
      const lines = stack.log.filter((line) => line.includes('tokens of another audience'));
      expect(lines).toHaveLength(1);
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({
        level: 40,
        audience: [API],
        issuer: stack.issuer,
        token_aud: API,
        token_iss: 'https://other.example.com',
      });
    });

    it('cut short anywhere', async () => {
      for (let length = token.length - 1; length > 0; length -= 7) {
        expectInactive(await stack.introspect(token.slice(0, length)));
      }
    });

    it('altered anywhere', async () => {
      for (let position = 0; position < token.length; position += 5) {
        const other = token[position] === 'A' ? 'B' : 'A';
        expectInactive(await stack.introspect(token.slice(0, position) + other + token.slice(position + 1)));
      }
    });

    it('with any other last character, also one that decodes to the same bytes', async () => {
      for (const last of BASE64URL.replace(token.at(-1) ?? '', '')) {
        expectInactive(await stack.introspect(token.slice(0, -1) + last));
      }
    });

    it.each([
      ['=', (text: string) => `${text}=`],
      ['a space', (text: string) => `${text} `],
      ['a line break before', (text: string) => `\n${text}`],
      ['a dot', (text: string) => `${text}.`],
      ['a character', (text: string) => `${text}A`],
      ['NUL', (text: string) => `${text}\0`],
      ['itself', (text: string) => text + text],
      ['Bearer before', (text: string) => `Bearer ${text}`],
    ])('with %s added', async (_case, change) => {
      expectInactive(await stack.introspect(change(token)));
    });

    it('in the clothes of the other format', async () => {
      expectInactive(await stack.introspect(`lka_${token}`));
      expectInactive(await stack.introspect(token.replace(/^lka_/, 'lkr_').toLowerCase()));
      expectInactive(await stack.introspect(token.replace(/^lka_|^[^.]*\./, '')));
    });

    it('that is a refresh token', async () => {
      expectInactive(await stack.introspect(session.refresh_token));
      expectInactive(await stack.introspect(session.refresh_token.replace('lkr_', 'lka_')));
    });

    it('that was revoked', async () => {
      const revoked = expectSession(await stack.login(ALICE, {}, client));
      expectActive(await stack.introspect(revoked.access_token));
      await stack.revoke(revoked.refresh_token, client);
      expectInactive(await stack.introspect(revoked.access_token));
    });
  });

  it.each([
    'made-up',
    'a.b.c',
    '..',
    '.',
    'lka_',
    'lkr_',
    'lka_AAAA',
    `lka_${'A'.repeat(200)}`,
    'null',
    '{}',
    '[]',
    'e30.e30.e30',
    'bnVsbA.bnVsbA.bnVsbA',
    'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6Il9fcHJvdG9fXyJ9.e30.AAAA',
    'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6WyJhIl19.e30.AAAA',
    ' ',
    '\0',
    'é',
    '\u{1f511}',
    "' OR 1=1 --",
    'x'.repeat(60 * 1024),
    `${'x'.repeat(20_000)}.${'x'.repeat(20_000)}.${'x'.repeat(20_000)}`,
  ])('%.30j, which is no token at all', async (token) => {
    expectInactive(await stack.introspect(token));
  });
});
