import { afterEach, describe, expect, it } from '@jest/globals';
import { startGuarded, type GuardedApplication } from '../library/support/guarded-application.js';
import { eventually } from '../support/eventually.js';

const ROOM = 10;

describe('A client that ends its own logins without end', () => {
  let application: GuardedApplication;

  const questions = () => application.introspection.asked.length;
  const tokenOf = (clientId: string, sid: string) =>
    application.introspection.token(`token-of-${clientId}-${sid}`, {
      client_id: clientId,
      sid,
      client_epoch: 1,
      user_epoch: 1,
    });
  const end = async (clientId: string, ...sids: string[]) => {
    const before = application.status.counters.feedEvents;
    for (const sid of sids) application.feed.revoke({ sid, client_id: clientId });
    await eventually(() => expect(application.status.counters.feedEvents).toBe(before + sids.length));
  };
  const flood = (count: number) =>
    end('noisy', ...Array.from({ length: count }, (_, index) => `noisy-${index}`));

  afterEach(() => application.stop());

  it('loses the memory of its own tokens, and of nobody else’s', async () => {
    application = await startGuarded({ revocationFeed: { maxTombstones: ROOM } });
    const own = tokenOf('noisy', 'alive');
    const others = tokenOf('shop', 'alive-too');
    const ended = tokenOf('shop', 'ended');
    for (const token of [own, others]) expect(await application.get(token)).toBe(200);
    await end('shop', 'ended');
    await flood(5 * ROOM);
    const asked = questions();
    for (let request = 1; request <= 3; request++) {
      expect(await application.get(own)).toBe(200);
      expect(await application.get(others)).toBe(200);
      expect(questions()).toBe(asked + request);
    }
    // A late answer says that it is active.
    expect(await application.get(ended)).toBe(401);
    expect(application.status.tombstones).toBe(1);
    expect(application.status.counters.crowdedOut).toBe(1);
  });

  it('has what it ended refused all the same', async () => {
    application = await startGuarded({ revocationFeed: { maxTombstones: ROOM } });
    const own = tokenOf('noisy', 'session');
    await flood(5 * ROOM);
    expect(await application.get(own)).toBe(200);
    application.introspection.token(own, { active: false });
    expect(await application.get(own)).toBe(401);
  });
});
