import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { SETTLING_MS } from '../../libs/resource-server/src/freshness/tombstones.js';
import { eventually } from '../support/eventually.js';
import {
  startGuarded,
  type GuardedApplication,
  type GuardedOptions,
} from '../library/support/guarded-application.js';
import { answerJson } from '../library/support/introspection-server.js';

/** What Latchkey's answers say beyond those of any server: sessions and epochs, by which the feed names tokens. */
const EPOCHS = { sid: 'session-1', client_epoch: 3, user_epoch: 5 };

describe('Tokens are asked about once while the feed is live', () => {
  let application: GuardedApplication;

  const start = async (options: GuardedOptions = {}) => {
    application = await startGuarded(options);
    return application;
  };
  const questions = () => application.introspection.asked.length;

  afterEach(() => application.stop());

  it('fewer than one request in a thousand asks', async () => {
    await start();
    // What it learns before is asked about once more, as the next test shows.
    await sleep(SETTLING_MS);
    const token = application.introspection.token('token', EPOCHS);
    for (let round = 0; round < 55; round++) {
      const statuses = await Promise.all(Array.from({ length: 20 }, () => application.get(token)));
      expect(new Set(statuses)).toEqual(new Set([200]));
    }
    expect(questions()).toBe(1);
    expect(application.status.rememberedTokens).toBe(1);
  });

  it('asks once more about what it learned just after a stream began: keys may have been revoked', async () => {
    await start();
    const token = application.introspection.token('a', EPOCHS);
    for (let i = 0; i < 3; i++) expect(await application.get(token)).toBe(200);
    expect(questions()).toBe(1);
    await sleep(SETTLING_MS);
    for (let i = 0; i < 3; i++) expect(await application.get(token)).toBe(200);
    expect(questions()).toBe(2);
  });

  it('many requests at once with one token ask once', async () => {
    await start();
    const token = application.introspection.token('token', EPOCHS);
    application.introspection.misbehave((response) => {
      setTimeout(() => application.introspection.misbehave(null), 50);
      setTimeout(() => answerJson(response, application.introspection.claims(token)), 50);
    });
    const statuses = await Promise.all(Array.from({ length: 50 }, () => application.get(token)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(questions()).toBe(1);
  });

  it('a revoked session is refused for good, also when a stale answer says otherwise', async () => {
    await start();
    const token = application.introspection.token('token', EPOCHS);
    expect(await application.get(token)).toBe(200);
    application.feed.revoke({ sid: 'session-1' });
    await untilRefused(token);
    for (let request = 0; request < 3; request++) expect(await application.get(token)).toBe(401);
    // The same answer about another token of that session changes nothing either.
    expect(await application.get(application.introspection.token('sibling', EPOCHS))).toBe(401);
    const other = application.introspection.token('other', { ...EPOCHS, sid: 'session-2' });
    expect(await application.get(other)).toBe(200);
  });

  it('after an epoch has ended a new login works at once, and what is older does not', async () => {
    await start();
    const old = application.introspection.token('old', EPOCHS);
    expect(await application.get(old)).toBe(200);
    application.feed.revoke({ sub: 'alice', epoch: 6 });
    await untilRefused(old);
    const login = application.introspection.token('new', { ...EPOCHS, sid: 'session-2', user_epoch: 6 });
    expect(await application.get(login)).toBe(200);
    expect(await application.get(old)).toBe(401);
    const late = application.introspection.token('late', { ...EPOCHS, sid: 'session-3' });
    expect(await application.get(late)).toBe(401);
    application.feed.revoke({ client_id: 'shop-backend', epoch: 4 });
    await untilRefused(login);
  });

  it('when attributes change it asks again', async () => {
    await start();
    const token = application.introspection.token('token', { ...EPOCHS, scope: 'read write' });
    expect(await application.read(token)).toEqual({ sub: 'alice', scope: 'read write' });
    application.introspection.token('token', { ...EPOCHS, scope: 'read' });
    application.feed.revoke({ sub: 'alice', epoch: 5 });
    await eventually(async () =>
      expect(await application.read(token)).toEqual({ sub: 'alice', scope: 'read' }),
    );
  });

  it('an answer that was on its way when the feed spoke is not remembered against it', async () => {
    await start();
    const token = application.introspection.token('token', EPOCHS);
    let answer = (): void => undefined;
    application.introspection.misbehave((response) => {
      answer = () => answerJson(response, application.introspection.claims(token));
    });
    const before = application.get(token);
    await eventually(() => expect(questions()).toBe(1));
    application.feed.revoke({ sid: 'session-1' });
    await eventually(() => expect(application.status.counters.feedEvents).toBe(1));
    application.introspection.misbehave(null);
    answer();
    expect(await before).toBe(401);
    expect(await application.get(token)).toBe(401);
  });

  it('does not remember what the feed could not name', async () => {
    await start();
    const tokens = [
      application.introspection.token('no session', { ...EPOCHS, sid: undefined }),
      application.introspection.token('no epoch of the owner', { ...EPOCHS, user_epoch: undefined }),
      application.introspection.token('no epoch of the client', { ...EPOCHS, client_epoch: undefined }),
    ].map((name) => name.replaceAll(' ', '-'));
    for (const name of tokens) {
      application.introspection.token(name, application.introspection.claims(name.replaceAll('-', ' ')));
      await application.get(name);
      await application.get(name);
    }
    expect(questions()).toBe(6);
  });

  it.each<[string, string | null, number]>([
    ['another database, such as a restored one: what was told before is forgotten', 'another', 200],
    ['a server that does not name its database: what was told before counts', null, 401],
  ])('%s', async (_, databaseId, status) => {
    await start();
    application.feed.revoke({ sub: 'alice', epoch: 6 });
    application.feed.revoke({ sid: 'ended' });
    const login = application.introspection.token('login', EPOCHS);
    const ended = application.introspection.token('ended', { ...EPOCHS, sid: 'ended', sub: 'bob' });
    await untilRefused(login);
    await untilRefused(ended);
    application.feed.forget();
    application.feed.databaseId = databaseId;
    const connected = application.feed.connected();
    application.feed.cut();
    await connected;
    await application.until('live');
    expect(await application.get(login)).toBe(status);
    // The name of a session does not come again.
    expect(await application.get(ended)).toBe(401);
    const warnings = application.log.filter((line) => line.includes('another database than before'));
    expect(warnings).toHaveLength(databaseId === null ? 0 : 1);
  });

  it('never serves past exp', async () => {
    await start();
    const exp = Math.floor(Date.now() / 1000) + 2;
    const token = application.introspection.token('token', { ...EPOCHS, exp });
    expect(await application.get(token)).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, exp * 1000 - Date.now() + 5));
    expect(await application.get(token)).toBe(401);
  });

  it('garbage does not push good tokens out, and is asked about once in a while', async () => {
    await start({ options: { cache: { maxEntries: 2, maxNegativeEntries: 10, negativeTtlMs: 60_000 } } });
    const good = ['a', 'b'].map((name) => application.introspection.token(name, EPOCHS));
    for (const token of good) expect(await application.get(token)).toBe(200);
    for (let i = 0; i < 50; i++) expect(await application.get(`garbage-${i}`)).toBe(401);
    expect(questions()).toBe(52);
    for (const token of [...good, 'garbage-49']) await application.get(token);
    expect(questions()).toBe(52);
    await application.get('garbage-0');
    expect(questions()).toBe(53);
  });

  it('an error is never remembered', async () => {
    await start();
    const token = application.introspection.token('token', EPOCHS);
    application.introspection.misbehave((response) => response.writeHead(503).end());
    expect(await application.get(token)).toBe(503);
    application.introspection.misbehave(null);
    expect(await application.get(token)).toBe(200);
  });

  const untilRefused = (token: string) =>
    eventually(async () => expect(await application.get(token)).toBe(401));
});

describe('Without a feed', () => {
  let application: GuardedApplication;

  afterEach(() => application.stop());

  it('every request asks, and requests at once share the question that is on its way', async () => {
    application = await startGuarded({ revocationFeed: false });
    const token = application.introspection.token('token', EPOCHS);
    for (let asked = 1; asked <= 3; asked++) {
      expect(await application.get(token)).toBe(200);
      expect(application.introspection.asked).toHaveLength(asked);
    }
    let answer = (): void => undefined;
    application.introspection.misbehave((response) => {
      answer = () => answerJson(response, application.introspection.claims(token));
    });
    const early = application.get(token);
    await eventually(() => expect(application.introspection.asked).toHaveLength(4));
    const late = Array.from({ length: 20 }, () => application.get(token));
    await eventually(() => expect(application.status.counters.shared).toBe(20));
    application.introspection.misbehave(null);
    application.introspection.token(token, { active: false });
    answer();
    expect(await early).toBe(401);
    expect(new Set(await Promise.all(late))).toEqual(new Set([401]));
    expect(application.introspection.asked).toHaveLength(4);
    expect(application.status.feedState).toBe('off');
  });

  it('the same garbage is asked about once in a while', async () => {
    application = await startGuarded({
      revocationFeed: false,
      options: { cache: { negativeTtlMs: 60_000 } },
    });
    for (let times = 0; times < 100; times++) expect(await application.get('garbage')).toBe(401);
    expect(application.introspection.asked).toHaveLength(1);
    expect(application.status.counters.negativeHits).toBe(99);
    await application.stop();
    application = await startGuarded({
      revocationFeed: false,
      options: { cache: { negativeTtlMs: 0 } },
    });
    for (let times = 0; times < 3; times++) expect(await application.get('garbage')).toBe(401);
    expect(application.introspection.asked).toHaveLength(3);
  });

  it('an answer is used for as long as the operator chooses, and no longer', async () => {
    application = await startGuarded({ revocationFeed: false, options: { cache: { ttlMs: 60_000 } } });
    const token = application.introspection.token('token', {});
    expect(await application.get(token)).toBe(200);
    application.introspection.token(token, { active: false });
    expect(await application.get(token)).toBe(200);
    await application.stop();
    application = await startGuarded({ revocationFeed: false, options: { cache: { ttlMs: 200 } } });
    application.introspection.token(token, {});
    expect(await application.get(token)).toBe(200);
    application.introspection.token(token, { active: false });
    await eventually(async () => expect(await application.get(token)).toBe(401));
    expect(application.introspection.asked).toHaveLength(2);
  });
});
