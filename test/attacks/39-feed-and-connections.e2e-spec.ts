import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { newClient } from '../support/administration.js';
import { API } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { FeedClient } from '../support/feed-client.js';
import type { Credentials } from '../support/http.js';
import { RawConnection } from '../support/raw-http.js';
import { startStack, type Stack } from '../support/stack.js';

/** Half of the connections may be streams. */
const STREAMS = 6;

describeEachDatabase('A resource server that opens streams without end', (dialect) => {
  let stack: Stack;
  let greedy: Credentials;
  let modest: Credentials;
  const feeds: FeedClient[] = [];

  const listen = async (client: Credentials) => {
    const feed = await FeedClient.live(stack, client);
    feeds.push(feed);
    return feed;
  };
  const take = async (count: number) => {
    for (let index = 0; index < count; index++) await listen(greedy);
  };

  beforeEach(async () => {
    stack = await startStack(dialect, { environment: { MAX_CONNECTIONS: String(STREAMS * 2) } });
    greedy = await newClient(stack, { audience: [API], mayIntrospect: true });
    modest = await newClient(stack, { audience: [API], mayIntrospect: true });
  });

  afterEach(async () => {
    for (const feed of feeds.splice(0)) feed.close();
    await stack.stop();
  });

  it('gives way to those who have fewer, its oldest stream first', async () => {
    await take(STREAMS);
    const first = await listen(modest);
    await feeds[0]?.ended();
    expect(feeds[0]?.events.at(-1)?.event).toBe('reconnect');
    await expect(FeedClient.open(stack, greedy)).rejects.toThrow(/ 503:.*temporarily_unavailable/);
    const second = await listen(modest);
    await listen(modest);
    // Each of the two has its half now, and neither takes more from the other.
    await expect(FeedClient.open(stack, modest)).rejects.toThrow(/ 503:/);
    await expect(FeedClient.open(stack, greedy)).rejects.toThrow(/ 503:/);
    for (const feed of [first, second]) expect(feed.events.at(-1)?.event).toBe('live');
  });

  it('has as many as there are while nobody else wants one', async () => {
    await take(STREAMS);
    for (const feed of feeds) expect(feed.events.at(-1)?.event).toBe('live');
  });

  it('is counted, and told once', async () => {
    await take(STREAMS);
    for (let index = 0; index < 3; index++) {
      await expect(FeedClient.open(stack, greedy)).rejects.toThrow(/ 503:/);
    }
    const metrics = await stack.application.get(Registry).metrics();
    expect(metrics).toContain('latchkey_feed_streams_beyond_limit_total{outcome="refused"} 3');
    const lines = stack.log.filter((line) =>
      line.includes('streams of the revocation feed are at their limit'),
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(greedy.clientId);
  });
});

describe('An address that holds connections', () => {
  const CONNECTIONS = 8;
  const ATTACKER = '127.0.0.66';
  const PROXY = '127.0.0.88';
  const REQUEST = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';
  let stack: Stack;
  const held: Socket[] = [];

  const start = async (environment: Record<string, string> = {}) => {
    stack = await startStack('sqlite', {
      environment: { MAX_CONNECTIONS: String(CONNECTIONS), ...environment },
    });
  };

  afterEach(async () => {
    for (const socket of held.splice(0)) socket.destroy();
    await stack.stop();
  });

  const hold = async (count: number, text = '', localAddress = ATTACKER) => {
    const { hostname, port } = new URL(stack.issuer);
    for (let index = 0; index < count; index++) {
      const socket = connect({ host: hostname, port: Number(port), localAddress });
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      held.push(socket);
      if (text === '') continue;
      socket.write(text);
      if (text === REQUEST) await once(socket, 'data');
    }
  };

  const ask = async () => {
    const connection = await RawConnection.open(stack.issuer);
    await connection.send(REQUEST).receives('"ok"');
    return connection;
  };

  const SLOW_BODY =
    'POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\ngrant';

  it.each([
    ['says nothing', ''],
    ['sends half a header', 'GET /health/live HTTP/1.1\r\nHost:'],
    ['sends half a body', SLOW_BODY],
    ['has asked something once', REQUEST],
  ])('and %s keeps nobody out', async (_, text) => {
    await start();
    await hold(CONNECTIONS, text);
    const others = [];
    for (let index = 0; index < 3; index++) others.push(await ask());
    // The attacker comes again and again, and takes from itself.
    await hold(CONNECTIONS, text === REQUEST ? '' : text);
    for (const connection of others) {
      connection.received = '';
      await connection.send(REQUEST).receives('"ok"');
      connection.socket.destroy();
    }
    const metrics = await stack.application.get(Registry).metrics();
    const closed = CONNECTIONS + others.length;
    expect(metrics).toContain(
      `latchkey_http_connections_beyond_limit_total{outcome="idle_closed"} ${closed}`,
    );
    const lines = stack.log.filter((line) => line.includes('connections are at their limit'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(ATTACKER);
  });

  it('takes nothing from a proxy, which has many users', async () => {
    await start({ TRUST_PROXY: PROXY });
    await hold(CONNECTIONS - 2, REQUEST, PROXY);
    await hold(6, REQUEST);
    for (const socket of held.slice(0, CONNECTIONS - 2)) {
      socket.write(REQUEST);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString()).toContain('"ok"');
    }
  });

  it('and waits for answers is not cut off by others: what has nothing idle is full', async () => {
    await start({ MAX_CONNECTIONS: '2' });
    const feed = await FeedClient.live(stack);
    const connection = await ask();
    // The stream is not idle, so the connection that was answered goes, and the stream stays.
    const next = await ask();
    await connection.closed();
    expect(feed.events.at(-1)?.event).toBe('live');
    next.socket.destroy();
    feed.close();
  });
});
