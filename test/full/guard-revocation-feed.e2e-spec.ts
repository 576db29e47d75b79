import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { hold } from '../support/hold.js';
import {
  startGuarded,
  type GuardedApplication,
  type GuardedOptions,
} from '../library/support/guarded-application.js';

/** What Latchkey's answers say beyond those of any server: sessions and epochs, by which the feed names tokens. */
const EPOCHS = { sid: 'session-1', client_epoch: 3, user_epoch: 5 };

describe('The revocation feed is relied on while nothing can be missing', () => {
  let application: GuardedApplication;

  const start = async (options: GuardedOptions = {}) => {
    application = await startGuarded(options);
    return application;
  };
  const questions = () => application.introspection.asked.length;
  const untilRefused = (token: string) =>
    eventually(async () => expect(await application.get(token)).toBe(401));

  afterEach(() => application.stop());

  it('asks about every request when the feed is silent for too long, and remembers again when it speaks', async () => {
    await start({ revocationFeed: { maxStalenessMs: 600 } });
    const token = application.introspection.token('token', EPOCHS);
    expect(await application.get(token)).toBe(200);
    application.feed.silence();
    application.feed.refuse((response) => response.writeHead(503).end());
    await application.until('down');
    const asked = questions();
    for (let request = 1; request <= 3; request++) {
      expect(await application.get(token)).toBe(200);
      expect(questions()).toBe(asked + request);
    }
    application.feed.refuse(null);
    application.feed.beat();
    await application.until('live');
    await application.get(token);
    const again = questions();
    expect(await application.get(token)).toBe(200);
    expect(questions()).toBe(again);
  });

  it('tells a listener that begins after a pause of the process when the feed is live again', async () => {
    await start({ revocationFeed: { maxStalenessMs: 30_000 } });
    application.feed.silence();
    hold(3 * application.feed.heartbeatInterval);
    expect(application.status.feedState).toBe('degraded');
    const next = new Promise((resolve) => application.status.onFeedStateChange(resolve));
    application.feed.beat();
    expect(await next).toBe('live');
  });

  it('counts a late heartbeat as silence', async () => {
    await start({ revocationFeed: { maxStalenessMs: 600 } });
    application.feed.silence();
    const late = setInterval(() => application.feed.heartbeat(Date.now() - 20_000), 50);
    await application.until('down');
    clearInterval(late);
    const token = application.introspection.token('token', EPOCHS);
    const asked = questions();
    await application.get(token);
    await application.get(token);
    expect(questions()).toBe(asked + 2);
  });

  it.each([
    ['3 s', 3],
    ['an hour', 3600],
    ['a year', 365 * 86_400],
  ])('begins again when the clock of the server steps back by %s', async (_, seconds) => {
    await start({ revocationFeed: { maxStalenessMs: 600 } });
    await application.until('live');
    application.feed.clockOffset = -seconds * 1000;
    await application.until('down');
    await application.until('live');
    const token = application.introspection.token('token', EPOCHS);
    expect(await application.get(token)).toBe(200);
    const asked = questions();
    expect(await application.get(token)).toBe(200);
    expect(questions()).toBe(asked);
  });

  it.each<[string, () => void]>([
    [
      'a gap in the numbers',
      () => {
        application.feed.skip();
        application.feed.heartbeat();
      },
    ],
    [
      'another process',
      () => {
        application.feed.boot = 'another-boot-of-the-server';
        application.feed.heartbeat();
      },
    ],
    ['a broken connection', () => application.feed.cut()],
    ['a stream that the server ends', () => application.feed.endStreams()],
    ['an event that cannot be read', () => application.feed.write('id: x:1\nevent: revoked\ndata: {}\n\n')],
    ['an endless line', () => application.feed.write('x'.repeat(100_000))],
    ['bytes that are no text', () => application.feed.write(Buffer.from([0xff]))],
  ])('%s: what was missed is in the next snapshot', async (_, happen) => {
    await start();
    const token = application.introspection.token('token', EPOCHS);
    expect(await application.get(token)).toBe(200);
    application.feed.revoke({ sid: 'session-1' }, { isMissed: true });
    expect(await application.get(token)).toBe(200);
    const connected = application.feed.connected();
    happen();
    await connected;
    await untilRefused(token);
  });

  it('forgets everything when a stream begins, because attributes may have changed meanwhile', async () => {
    await start();
    const token = application.introspection.token('token', EPOCHS);
    await application.get(token);
    await application.get(token);
    expect(questions()).toBe(1);
    application.feed.cut();
    await application.until('degraded');
    await application.until('live');
    await application.get(token);
    expect(questions()).toBe(2);
  });

  it('asks about every token while there is no room for what was revoked', async () => {
    await start({ revocationFeed: { maxTombstones: 3 } });
    for (const sid of ['a', 'b', 'c']) application.feed.revoke({ sid });
    const token = application.introspection.token('token', EPOCHS);
    await eventually(() => expect(application.status.tombstones).toBe(3));
    await application.get(token);
    await application.get(token);
    expect(questions()).toBe(1);
    application.feed.revoke({ sid: 'd' });
    await eventually(() => expect(application.status.counters.feedEvents).toBe(4));
    for (let request = 1; request <= 3; request++) {
      expect(await application.get(token)).toBe(200);
      expect(questions()).toBe(1 + request);
    }
  });

  it.each<[string, string, (response: ServerResponse, count: number) => void]>([
    ['only comments', 'it was silent for too long', (response) => response.write(': still here\n\n')],
    [
      'never ends its snapshot',
      'its snapshot does not end',
      (response, count) => response.write(`id: boot:${count}\nevent: revoked\ndata: {"sid":"${count}"}\n\n`),
    ],
  ])('a stream that %s is given up, with a word in the log', async (_, reason, speak) => {
    await start({ revocationFeed: { maxStalenessMs: 200 } });
    let streams = 0;
    application.feed.refuse((response) => {
      streams++;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const snapshot = { now: Date.now(), max_token_lifetime: 300, heartbeat_interval: 100 };
      let count = 1;
      response.write(`id: boot:${count}\nevent: snapshot\ndata: ${JSON.stringify(snapshot)}\n\n`);
      const speaking = setInterval(() => speak(response, ++count), 20);
      response.on('close', () => clearInterval(speaking));
    });
    application.feed.cut();
    await eventually(() => expect(streams).toBeGreaterThan(1));
    expect(application.status.feedState).toBe('down');
    // After a pause of this machine, silence is the reason of one stream. The next stream has the expected reason.
    await eventually(() =>
      expect(application.log.join('\n')).toContain(`The revocation feed is interrupted: ${reason}`),
    );
    application.feed.refuse(null);
    await application.until('live');
  });

  it('authenticates as introspection does', async () => {
    await start();
    expect(application.feed.asked).toEqual([`Basic ${Buffer.from('api:the-secret').toString('base64')}`]);
  });
});
