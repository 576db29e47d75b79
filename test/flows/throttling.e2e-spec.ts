import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { PasswordHasher } from '../../apps/authorization-server/src/passwords/password-hasher.js';
import { aClient, aConfiguration, ALICE, BOB, OTHER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { postForm, type Answer, type Credentials } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';

const FREE_ATTEMPTS = 4;

describeEachDatabase('Throttling of logins', (dialect) => {
  let stack: Stack;
  let verifications: number;

  beforeAll(async () => {
    stack = await startStack(dialect, {
      realHashes: true,
      configuration: aConfiguration({
        clients: [
          aClient({ forwards_end_user_address: true }),
          aClient({ client_id: OTHER.clientId, client_secret: OTHER.secret }),
        ],
      }),
      environment: {
        THROTTLE_FREE_ATTEMPTS: String(FREE_ATTEMPTS),
        THROTTLE_BASE_DELAY: '60',
        THROTTLE_MAX_DELAY: '600',
      },
    });
    const hasher = stack.application.get(PasswordHasher);
    const verify = hasher.verify.bind(hasher);
    hasher.verify = (hash, password, origin) => {
      verifications++;
      return verify(hash, password, origin);
    };
  });

  afterAll(() => stack.stop());

  beforeEach(async () => {
    await stack.database.execute(sql`DELETE FROM throttles`);
    verifications = 0;
  });

  const attempt = (
    password: string,
    headers: Record<string, string> = {},
    { username = ALICE.username, client = SHOP }: { username?: string; client?: Credentials } = {},
  ): Promise<Answer> =>
    postForm(`${stack.issuer}/oauth/token`, { grant_type: 'password', username, password }, client, headers);

  const from = (address: string, device?: string): Record<string, string> => ({
    'latchkey-forwarded-for': address,
    ...(device !== undefined && { 'latchkey-device': device }),
  });

  const guess = (count: number, address: (index: number) => string): Promise<Answer[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => attempt(`guess ${index}`, from(address(index)))));

  const passTime = (seconds: number): Promise<unknown> =>
    stack.database.execute(sql`UPDATE throttles SET last_at = last_at - ${seconds * 1000}`);

  it('never verifies more than the limit, however many attempts come at once and from wherever', async () => {
    const answers = await guess(40, (index) => `203.0.113.${index}`);
    for (const answer of answers) expectOAuthError(answer, 400, 'invalid_grant');
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(verifications).toBe(FREE_ATTEMPTS);
  });

  it('refuses the right password of an unknown source during the delay, with the same answer', async () => {
    const [wrong] = await guess(FREE_ATTEMPTS, () => '203.0.113.1');
    const right = await attempt(ALICE.password, from('203.0.113.2'));
    expectOAuthError(right, 400, 'invalid_grant');
    expect(right.text).toBe(wrong?.text);
    await passTime(61);
    expectTokens(await attempt(ALICE.password, from('203.0.113.2')));
  });

  it('lets each further failure wait twice as long, up to the longest delay', async () => {
    await guess(FREE_ATTEMPTS, () => '203.0.113.1');
    for (const delay of [60, 120, 240, 480, 600, 600]) {
      verifications = 0;
      await passTime(delay - 10);
      await guess(1, () => '203.0.113.1');
      expect(verifications).toBe(0);
      await passTime(11);
      await guess(1, () => '203.0.113.1');
      expect(verifications).toBe(1);
    }
  });

  it('keeps the owner’s usual address free while others guess', async () => {
    const home = from('198.51.100.7');
    expectTokens(await attempt(ALICE.password, home));
    await guess(40, (index) => `203.0.113.${index}`);
    for (let login = 0; login < 3; login++) expectTokens(await attempt(ALICE.password, home));
  });

  it('keeps a device free on any address, and believes no device that it did not name', async () => {
    const login = await attempt(ALICE.password, from('198.51.100.7'));
    const device = String(login.headers['latchkey-device']);
    expect(device).toMatch(/^lkd_[\w-]+$/);
    await guess(40, (index) => `203.0.113.${index}`);
    expectTokens(await attempt(ALICE.password, from('192.0.2.1', device)));
    for (const forged of [
      `${device}A`,
      `${device}=`,
      `${device}!`,
      device.slice(0, -1),
      `lkd_${'A'.repeat(43)}`,
      'x',
    ]) {
      expectOAuthError(await attempt(ALICE.password, from('192.0.2.2', forged)), 400, 'invalid_grant');
    }
    const bobs = { username: BOB.username as string };
    await Promise.all(Array.from({ length: 9 }, () => attempt('guess', from('203.0.113.9'), bobs)));
    expectOAuthError(await attempt(BOB.password, from('192.0.2.3', device), bobs), 400, 'invalid_grant');
  });

  it('limits a known source too', async () => {
    const home = from('198.51.100.7');
    expectTokens(await attempt(ALICE.password, home));
    verifications = 0;
    await guess(20, () => '198.51.100.7');
    expect(verifications).toBe(FREE_ATTEMPTS);
  });

  it('counts all of a /64 as one source', async () => {
    expectTokens(await attempt(ALICE.password, from('2001:db8:1:2::1')));
    await guess(20, (index) => `2001:db8:9:9::${index}`);
    expectTokens(await attempt(ALICE.password, from('2001:db8:1:2:ffff::9')));
    expectOAuthError(await attempt(ALICE.password, from('2001:db8:1:3::1')), 400, 'invalid_grant');
  });

  it('counts all spellings of a name as one account, and names that nobody has alike', async () => {
    const spellings = ['alice', 'ALICE', 'ａｌｉｃｅ', 'Alice', 'aliCE', 'AlicE'];
    await Promise.all(spellings.map((username) => attempt('guess', from('203.0.113.1'), { username })));
    expect(verifications).toBe(FREE_ATTEMPTS);
    verifications = 0;
    for (let index = 0; index < 9; index++)
      await attempt('guess', from('203.0.113.1'), { username: 'nobody' });
    expect(verifications).toBe(FREE_ATTEMPTS);
  });

  it('does not let one account’s failures touch another', async () => {
    await guess(20, () => '203.0.113.1');
    expectTokens(await attempt(BOB.password, from('203.0.113.1'), { username: BOB.username }));
  });

  it('ignores a forwarded address from a client that may not say it, and refuses nonsense from one that may', async () => {
    const addresses = Array.from({ length: 20 }, (_, index) => from(`203.0.113.${index}`));
    await Promise.all(addresses.map((headers) => attempt('guess', headers, { client: OTHER })));
    expect(verifications).toBe(FREE_ATTEMPTS);
    expectOAuthError(await attempt(ALICE.password, from('not an address')), 400, 'invalid_request');
  });

  it('is a rate and no lock where nobody knows the end user’s address', async () => {
    await Promise.all(Array.from({ length: 20 }, () => attempt('guess', {}, { client: OTHER })));
    expectOAuthError(await attempt(ALICE.password, {}, { client: OTHER }), 400, 'invalid_grant');
    await passTime(11);
    expectTokens(await attempt(ALICE.password, {}, { client: OTHER }));
  });

  it('does not count successes', async () => {
    for (let login = 0; login < 2 * FREE_ATTEMPTS; login++) {
      expectTokens(await attempt(ALICE.password, from(`203.0.113.${login}`)));
    }
  });

  it('stores neither names nor addresses', async () => {
    await guess(3, () => '203.0.113.77');
    const rows = await stack.database.query(sql`SELECT * FROM throttles`);
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toMatch(/alice|203\.0\.113/);
  });
});
