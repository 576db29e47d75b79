import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { HttpSettings } from '@latchkey/platform/http';
import pino from 'pino';
import { Registry } from 'prom-client';
import type { Client } from '../../clients/client.js';
import { ClientRates } from './client-rates.js';

describe('ClientRates', () => {
  const rates = (maxConnections = 400, registry = new Registry(), logger = pino({ level: 'silent' })) =>
    new ClientRates(
      {
        clientRates: { token: 1, revocation: 1, feed: 1 },
        http: { maxConnections } as HttpSettings,
      },
      registry,
      logger,
    );
  const shop = { clientId: 'shop', clientType: 'confidential' } as Client;
  const app = { clientId: 'app', clientType: 'public' } as Client;
  const refusal = expect.objectContaining({ status: 429, retryAfter: 1 });

  /** More than are accepted within a second. */
  const send = (some: ClientRates, client: Client, address: string, count = 3) =>
    Array.from({ length: count }, () => some.takeTurn('token', client, address));
  const outcomes = async (answers: Promise<void>[]) =>
    (await Promise.allSettled(answers)).map(({ status }) => status);

  it('count a confidential client wherever it is, for each endpoint', async () => {
    const some = rates();
    const first = send(some, shop, '192.0.2.1');
    const elsewhere = send(some, shop, '192.0.2.2', 1);
    await some.takeTurn('revocation', shop, '192.0.2.1');
    await some.takeTurn('feed', shop, '192.0.2.1');
    expect(await outcomes(first)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    await expect(elsewhere[0]).rejects.toEqual(refusal);
  });

  it('count a public client, which anybody can name, for each address', async () => {
    const some = rates();
    const first = send(some, app, '2001:db8::1');
    const sameNetwork = send(some, app, '2001:db8::2', 1);
    await some.takeTurn('token', app, '192.0.2.2');
    expect(await outcomes(first)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    await expect(sameNetwork[0]).rejects.toEqual(refusal);
  });

  it('spread requests out, and answer a refusal late, so that a client that asks again at once costs little', async () => {
    const started = performance.now();
    const after = async (answer: Promise<void> | undefined) => {
      await answer?.catch(() => undefined);
      return performance.now() - started;
    };
    const [, second, third] = await Promise.all(send(rates(), shop, '192.0.2.1').map(after));
    // A timer may fire a millisecond early.
    expect(second).toBeGreaterThan(900);
    expect(third).toBeGreaterThan(950);
  });

  it('delay refusals on a quarter of the connections at the most, and again once these are answered', async () => {
    const some = rates(8);
    for (let time = 0; time < 2; time++) {
      const answers = send(some, shop, '192.0.2.1', 12);
      let refused = 0;
      for (const answer of answers) answer.catch(() => refused++);
      await setImmediate();
      const refusedAtOnce = refused;
      await outcomes(answers);
      expect(refused - refusedAtOnce).toBe(2);
    }
  });

  it('count each refusal by its endpoint, and log which client it was', async () => {
    const registry = new Registry();
    const lines: string[] = [];
    const some = rates(0, registry, pino({}, { write: (line: string) => void lines.push(line) }));
    const refusals = async () => (await registry.metrics()).match(/refusals_total\{.*/g);
    expect(await refusals()).toEqual([
      'refusals_total{endpoint="token"} 0',
      'refusals_total{endpoint="revocation"} 0',
      'refusals_total{endpoint="feed"} 0',
    ]);
    await outcomes(send(some, shop, '192.0.2.1', 5));
    expect(await refusals()).toContain('refusals_total{endpoint="token"} 3');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      msg: 'a client sends too many requests',
      endpoint: 'token',
      client_id: 'shop',
      address: '192.0.2.1',
    });
  });
});
