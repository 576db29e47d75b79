import { afterEach, expect, it } from '@jest/globals';
import { newClient } from '../support/administration.js';
import { ALICE, API, OTHER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { metricOf } from '../support/metrics.js';
import { FeedClient } from '../support/feed-client.js';
import { expectSession, isActive } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

/** Two seconds' worth may come at once. */
const AT_ONCE = 2;

describeEachDatabase('A client that sends too many requests', (dialect) => {
  let stack: Stack;

  const start = async (environment: Record<string, string> = {}) => {
    stack = await startStack(dialect, {
      environment: {
        CLIENT_TOKEN_RATE: '1',
        CLIENT_REVOCATION_RATE: '1',
        CLIENT_FEED_RATE: '1',
        ...environment,
      },
    });
  };

  afterEach(() => stack.stop());

  it('is told to wait at the token endpoint, and nobody else is', async () => {
    await start();
    const flood = Array.from({ length: 12 }, () => stack.login(ALICE));
    // Among them: a second later, when they are all answered, there is room again even in a rate of all clients.
    const another = stack.login(ALICE, {}, OTHER);
    const answers = await Promise.all(flood);
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(AT_ONCE);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expectOAuthError(answer, 429, 'temporarily_unavailable');
      expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    }
    expectTokens(await another);
    expect(
      await metricOf(stack.application, 'latchkey_client_rate_refusals_total', { endpoint: 'token' }),
    ).toBe(refused.length);
    const lines = stack.log.filter((line) => line.includes('a client sends too many requests'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(SHOP.clientId);
  });

  it('is told to wait at the revocation endpoint, and what it was told about stays (RFC 7009 section 2.2.1)', async () => {
    await start({ CLIENT_TOKEN_RATE: '1000' });
    const sessions = [];
    for (let index = 0; index < 10; index++) sessions.push(expectSession(await stack.login(ALICE)));
    const flood = sessions.map(async (session) => ({
      session,
      answer: await stack.revoke(session.refresh_token),
    }));
    const another = stack.revoke('lkr_of_nobody', OTHER);
    const answers = await Promise.all(flood);
    const refused = answers.filter(({ answer }) => answer.status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(AT_ONCE);
    for (const { session, answer } of answers)
      expect(await isActive(stack, session)).toBe(answer.status === 429);
    for (const { answer } of refused) expectOAuthError(answer, 429, 'temporarily_unavailable');
    expect((await another).status).toBe(200);
  });

  it('is told to wait when it opens streams of the revocation feed, and no other client is', async () => {
    await start();
    const other = await newClient(stack, { audience: [API], mayIntrospect: true });
    const feeds = await Promise.allSettled(Array.from({ length: 10 }, () => FeedClient.open(stack)));
    const opened = feeds.flatMap((feed) => (feed.status === 'fulfilled' ? [feed.value] : []));
    const refusals = feeds.flatMap((feed) => (feed.status === 'rejected' ? [String(feed.reason)] : []));
    opened.push(await FeedClient.live(stack, other));
    for (const feed of opened) feed.close();
    expect(opened.length).toBeGreaterThan(AT_ONCE);
    expect(refusals.length).toBeGreaterThan(0);
    for (const refusal of refusals) expect(refusal).toMatch(/ 429: .*temporarily_unavailable/);
  });

  it('introspects as much as it likes', async () => {
    await start();
    const session = expectSession(await stack.login(ALICE));
    for (let index = 0; index < 10; index++) expect(await isActive(stack, session)).toBe(true);
  });

  it('is not kept waiting by those who do not know its secret', async () => {
    await start();
    const stranger = { ...SHOP, secret: 'not-the-secret-0123456789abcdefghijkl' };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => stack.revoke('lkr_of_nobody', stranger)),
    );
    for (const answer of answers) expectOAuthError(answer, 401, 'invalid_client');
    expect((await stack.revoke('lkr_of_nobody')).status).toBe(200);
  });
});
