import { describe, expect, it } from '@jest/globals';
import pino from 'pino';
import { Registry } from 'prom-client';
import type { Client } from '../../clients/client.js';
import { ClientRates } from './client-rates.js';

describe('ClientRates', () => {
  const rates = () =>
    new ClientRates({ clientRates: { token: 1, revocation: 1 } }, new Registry(), pino({ level: 'silent' }));
  const shop = { clientId: 'shop', clientType: 'confidential' } as Client;
  const app = { clientId: 'app', clientType: 'public' } as Client;

  /** Takes all that there is at once. */
  const exhaust = (some: ClientRates, client: Client, address: string) => {
    expect(() => {
      for (let index = 0; index < 1000; index++) some.assertWithin('token', client, address);
    }).toThrow(expect.objectContaining({ status: 429, retryAfter: 1 }));
  };

  it('count a confidential client wherever it is, for each endpoint', () => {
    const some = rates();
    exhaust(some, shop, '192.0.2.1');
    expect(() => some.assertWithin('token', shop, '192.0.2.2')).toThrow();
    some.assertWithin('revocation', shop, '192.0.2.1');
  });

  it('count a public client, which anybody can name, for each address', () => {
    const some = rates();
    exhaust(some, app, '2001:db8::1');
    expect(() => some.assertWithin('token', app, '2001:db8::2')).toThrow();
    some.assertWithin('token', app, '192.0.2.2');
  });
});
