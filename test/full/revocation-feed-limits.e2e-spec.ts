import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import sql, { join } from 'sql-template-tag';
import { ChangePublisher } from '../../apps/authorization-server/src/changes/change-publisher.js';
import { FeedLimits } from '../../apps/authorization-server/src/oauth/revocation-feed/feed-limits.js';
import { administerClient } from '../support/administration.js';
import { RESOURCE_SERVER } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { FeedClient } from '../support/feed-client.js';
import { startStack, type Stack } from '../support/stack.js';

describeEachDatabase('A stream of the revocation feed', (dialect) => {
  let stack: Stack;
  const feeds: FeedClient[] = [];

  let usual: FeedLimits;

  const limits = () => stack.application.get<{ -readonly [K in keyof FeedLimits]: number }>(FeedLimits);

  beforeAll(async () => {
    stack = await startStack(dialect);
    usual = { ...limits() };
  });

  afterEach(() => {
    for (const feed of feeds.splice(0)) feed.close();
    Object.assign(limits(), usual);
  });

  afterAll(() => stack.stop());

  it('ends when its time is over', async () => {
    limits().lifetime = 50;
    const feed = await FeedClient.open(stack);
    await feed.ended();
    expect(feed.events.at(-1)?.event).toBe('reconnect');
  });

  it('ends with the secret that was shown', async () => {
    const secret = 'short-lived-secret-0123456789abcdefghij';
    await administerClient(stack, RESOURCE_SERVER.clientId).addSecret(secret, Date.now() + 3000);
    const feed = await FeedClient.open(stack, { ...RESOURCE_SERVER, secret });
    await feed.ended();
    expect(feed.events.at(-1)?.event).toBe('reconnect');
  });

  it('has room for so many listeners, and asks the others to come again', async () => {
    limits().streams = 1;
    const feed = await FeedClient.live(stack);
    await expect(FeedClient.open(stack)).rejects.toThrow(/ 503:/);
    feed.close();
    for (;;) {
      const next = await FeedClient.open(stack).catch(() => null);
      if (next !== null) return feeds.push(next);
    }
  });

  it('reads its snapshot with turns of the event loop in between, also when nothing of it is sent', async () => {
    limits().pageRows = 2;
    const ofOthers = ['a', 'b', 'c', 'd', 'e'].map(
      (sid) => sql`('authorization', ${sid}, 'https://other.example.com/', 0, ${Date.now() + 60_000})`,
    );
    await stack.database.execute(
      sql`INSERT INTO revocations (kind, subject, audience, at, expires_at) VALUES ${join(ofOthers)}`,
    );
    let turns = 0;
    let next = setImmediate(function turn() {
      turns++;
      next = setImmediate(turn);
    });
    const log = stack.application.get(ChangePublisher);
    const page = log.page.bind(log);
    const turnsOfPages = new Set<number>();
    const reading = jest.spyOn(log, 'page').mockImplementation((...position) => {
      turnsOfPages.add(turns);
      return page(...position);
    });
    feeds.push(await FeedClient.live(stack));
    clearImmediate(next);
    expect(reading.mock.calls.length).toBeGreaterThanOrEqual(3);
    expect(turnsOfPages.size).toBe(reading.mock.calls.length);
    reading.mockRestore();
  });
});
