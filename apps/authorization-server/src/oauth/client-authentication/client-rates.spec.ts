import { describe, expect, it } from '@jest/globals';
import type { HttpSettings } from '@latchkey/platform/http';
import pino from 'pino';
import { Registry } from 'prom-client';
import type { Client } from '../../clients/client.js';
import { ClientRates } from './client-rates.js';

describe('ClientRates', () => {
  const rates = () =>
    new ClientRates(
      {
        clientRates: { token: 1, revocation: 1, feed: 1 },
        http: { maxConnections: 400 } as HttpSettings,
      },
      new Registry(),
      pino({ level: 'silent' }),
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

  it('delay a bounded number of refusals at the same time', async () => {
    let delayed = true;
    const answers = send(rates(), shop, '192.0.2.1', 1000);
    const all = Promise.allSettled(answers).then(() => (delayed = false));
    await Promise.race(answers.slice(900).map((answer) => answer.catch(() => undefined)));
    expect(delayed).toBe(true);
    await all;
  });
});
