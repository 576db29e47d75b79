import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { RefusalDelay } from '../../apps/authorization-server/src/throttling/refusal-delay.js';
import { administrationBy, anAdministeredConfiguration, EVERYTHING, ROOT } from '../support/admin-api.js';
import { administerUser } from '../support/administration.js';
import { ALICE, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT, tryPassword } from '../support/guessing.js';
import { postForm } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';

/** What every test here is sent from, and what is trusted as a proxy. */
const PROXY = '127.0.0.1';

const READ: [string, string][] = [
  ['203.0.113.9', '203.0.113.9'],
  ['203.0.113.9:5555', '203.0.113.9'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['::ffff:cb00:7109', '203.0.113.9'],
];

const LONG = 'a'.repeat(12_000);
const IGNORED = ['unknown', '_hidden', LONG, '203.0.113.999', '1', '"><script>'];

/** Titles of tests are for people. */
const short = (text: string): string => text.replace(LONG, '12,000 letters');

describeEachDatabase('Addresses from headers are parsed or ignored', (dialect) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(dialect, {
      configuration: (issuer) => {
        const { clients, ...rest } = anAdministeredConfiguration(issuer);
        const forwarding = clients.map((client) =>
          client.client_id === SHOP.clientId ? { ...client, forwards_end_user_address: true } : client,
        );
        return { ...rest, clients: forwarding };
      },
      environment: { ...STRICT.environment, TRUST_PROXY: 'loopback' },
    });
  });

  afterAll(() => stack.stop());

  const stored = async (table: 'audit_events' | 'authorizations') => {
    const rows = await stack.database.query<{ address: string }>(
      table === 'audit_events'
        ? sql`SELECT address FROM audit_events WHERE kind = 'login' ORDER BY id DESC LIMIT 1`
        : sql`SELECT address FROM authorizations ORDER BY id DESC LIMIT 1`,
    );
    return rows[0]?.address;
  };

  const logged = () =>
    stack.log
      .map((line) => JSON.parse(line) as { msg?: string; address?: string })
      .filter(({ msg }) => msg === 'request')
      .at(-1)?.address;

  describe.each([
    ['X-Forwarded-For', 'x-forwarded-for'],
    ['Latchkey-Forwarded-For of a client that may say it', 'latchkey-forwarded-for'],
  ])('%s', (_, header) => {
    it.each(READ)('says %s, and %s is stored', async (text, address) => {
      expectTokens(await tryPassword(stack, ALICE.password, { headers: { [header]: text } }));
      expect(await stored('audit_events')).toBe(address);
      expect(await stored('authorizations')).toBe(address);
      expect(logged()).toBe(header === 'x-forwarded-for' ? address : PROXY);
    });
  });

  it.each(
    [
      ...IGNORED.map((text) => [text, PROXY] as const),
      ...IGNORED.map((text) => [`203.0.113.9, ${text}`, PROXY] as const),
      ...IGNORED.map((text) => [`${text}, 203.0.113.9`, '203.0.113.9'] as const),
      [', 203.0.113.9:1, ,', '203.0.113.9'] as const,
      ['', PROXY] as const,
    ].map(([text, address]) => [short(text), address, text]),
  )('X-Forwarded-For: %s is stored as %s', async (_, address, text) => {
    expectTokens(await tryPassword(stack, ALICE.password, { headers: { 'x-forwarded-for': text } }));
    expect(await stored('audit_events')).toBe(address);
    expect(await stored('authorizations')).toBe(address);
    expect(logged()).toBe(address);
  });

  it.each(IGNORED.map((text) => [short(text), text]))(
    'Latchkey-Forwarded-For: %s is refused',
    async (_, text) => {
      const answer = await tryPassword(stack, ALICE.password, { from: text });
      expectOAuthError(answer, 400, 'invalid_request');
      expect(answer.text).not.toContain(text);
    },
  );

  it.each<[string, (index: number) => string]>([
    ['another port', (index) => `203.0.113.20:${5000 + index}`],
    ['another port of IPv6', (index) => `[2001:db8:20::1]:${5000 + index}`],
    ['another address of an IPv6 network', (index) => `2001:db8:21::${index + 1}`],
    ['another zone', (index) => `fe80::1%eth${index}`],
    [
      'another writing',
      (index) => ['203.0.113.21', '::ffff:203.0.113.21', '[::ffff:cb00:7115]:1'][index % 3]!,
    ],
    ['another client, with what it says first', (index) => `198.51.100.${index}, 203.0.113.22:${index}`],
    ['other nonsense', (index) => `x${index}`],
  ])('wrong client secrets with %s each time are slowed', async (_, forwarded) => {
    const refusalDelay = stack.application.get(RefusalDelay);
    const wait = refusalDelay.wait.bind(refusalDelay);
    let held = 0;
    refusalDelay.wait = (arrivedAt) => {
      held++;
      return wait(arrivedAt);
    };
    try {
      for (let index = 0; index < FREE_ATTEMPTS + 2; index++) {
        const headers = { 'x-forwarded-for': forwarded(index) };
        const wrong = { ...SHOP, secret: 'wrong' };
        const answer = await postForm(`${stack.issuer}/oauth/introspect`, { token: 'x' }, wrong, headers);
        expectOAuthError(answer, 401, 'invalid_client');
      }
    } finally {
      refusalDelay.wait = wait;
    }
    expect(held).toBe(2);
  });

  it('a known source is known in every writing, and a lock of it ends in every writing', async () => {
    const from = (index: number) => ['192.0.2.50', '192.0.2.50:80', '::ffff:192.0.2.50'][index % 3]!;
    expectTokens(await tryPassword(stack, ALICE.password, { from: from(0) }));
    for (let index = 0; index < FREE_ATTEMPTS; index++) {
      expectOAuthError(await tryPassword(stack, 'guess', { from: from(index) }), 400, 'invalid_grant');
    }
    expectOAuthError(await tryPassword(stack, ALICE.password, { from: from(1) }), 400, 'invalid_grant');
    const admin = await administrationBy(stack, ROOT, EVERYTHING);
    const sub = await administerUser(stack, ALICE.username).sub();
    const unlock = (address: string) => admin.post(`/users/${sub}/unlock`, { address });
    expect((await unlock('nowhere')).status).toBe(400);
    expect((await unlock('[::ffff:192.0.2.50]:443')).status).toBe(200);
    expectTokens(await tryPassword(stack, ALICE.password, { from: from(2) }));
  });
});
