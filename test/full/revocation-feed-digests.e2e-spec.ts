import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { FEED_VERSION, feedDigest } from '@latchkey/contracts';
import { administerClient, administerUser, newClient, newUserLike } from '../support/administration.js';
import { ALICE, API } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { FeedClient } from '../support/feed-client.js';
import { claimsOf, expectSession } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const ELSEWHERE = 'https://elsewhere.example.com/';

describeEachDatabase('What the revocation feed tells to whom', (dialect) => {
  let stack: Stack;
  const feeds: FeedClient[] = [];

  const listen = async (audience: string, version?: number) => {
    const client = await newClient(stack, { audience: [audience], mayIntrospect: true });
    const feed = await FeedClient.live(stack, client, version);
    feeds.push(feed);
    return feed;
  };
  const keyOf = (feed: FeedClient) => String(feed.events[0]?.data.digest_key);

  /** A user logs in through a client, the login ends, and both are changed. */
  const live = async () => {
    const shop = await newClient(stack);
    const owner = await newUserLike(stack, ALICE);
    const session = expectSession(await stack.login(owner, {}, shop));
    const { sub, sid } = claimsOf(session);
    await stack.revoke(session.refresh_token, shop);
    await administerUser(stack, owner.username).disable();
    await administerClient(stack, shop.clientId).disable();
    return { sub: String(sub), sid: String(sid), username: owner.username, clientId: shop.clientId };
  };

  /** Waits for the last thing that {@link live} does. */
  const untilTold = (feed: FeedClient, client: string) =>
    feed.until(() =>
      feed.revoked.some((d) => 'epoch' in d && 'client_id' in d && d.client_id === client && d.epoch > 0),
    );

  beforeAll(async () => {
    stack = await startStack(dialect);
  });

  afterEach(() => {
    for (const feed of feeds.splice(0)) feed.close();
  });

  afterAll(() => stack.stop());

  it('a resource server learns nothing of those whose tokens it never sees', async () => {
    const elsewhere = await listen(ELSEWHERE, FEED_VERSION);
    const here = await listen(API, FEED_VERSION);
    const { sub, sid, username, clientId } = await live();
    const owner = feedDigest(keyOf(here), sub);
    const client = feedDigest(keyOf(here), clientId);
    await untilTold(here, client);
    await untilTold(elsewhere, client);
    // By digests, both know of the changes: whoever has seen the names knows whose they are.
    const changes = [
      { sub: owner, epoch: expect.any(Number), at: expect.any(Number) },
      { client_id: client, epoch: expect.any(Number), at: expect.any(Number) },
    ];
    const ended = { sid, client_id: client, at: expect.any(Number) };
    expect(here.revoked).toEqual(expect.arrayContaining([ended, ...changes]));
    expect(elsewhere.revoked).toEqual(expect.arrayContaining(changes));
    for (const name of [sub, sid, username, clientId])
      expect(JSON.stringify(elsewhere.events)).not.toContain(name);
    // So has who comes later, from the snapshot.
    const late = await listen(ELSEWHERE, FEED_VERSION);
    expect(late.snapshot).toEqual(expect.arrayContaining(changes));
    for (const name of [sub, sid, username, clientId])
      expect(JSON.stringify(late.events)).not.toContain(name);
  });

  it.each([undefined, 1])(
    'a guard of an earlier version goes on to be told names (version %s)',
    async (version) => {
      const feed = await listen(API, version);
      const { sub, sid, clientId } = await live();
      await untilTold(feed, clientId);
      expect(feed.events[0]?.data).not.toHaveProperty('digest_key');
      expect(feed.revoked).toEqual(
        expect.arrayContaining([
          { sid, at: expect.any(Number) },
          { sub, epoch: expect.any(Number), at: expect.any(Number) },
          { client_id: clientId, epoch: expect.any(Number), at: expect.any(Number) },
        ]),
      );
    },
  );
});
