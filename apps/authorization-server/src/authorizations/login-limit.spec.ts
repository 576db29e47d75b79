import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Transaction } from '@latchkey/platform/database';
import type { AuditEvent } from '../audit/audit-event.js';
import type { AuditLog } from '../audit/audit-log.js';
import type { AuthorizationServerConfig } from '../config/authorization-server-config.js';
import type { UserRepository } from '../users/user-repository.js';
import type { User } from '../users/user.js';
import { STATE } from './a-state.spec-support.js';
import type { AuthorizationRepository, SurplusAuthorization } from './authorization-repository.js';
import { LoginLimit } from './login-limit.js';

const USER = { sub: 'alice' } as User;
const EVENT: AuditEvent = {
  actor: 'shop',
  address: '192.0.2.1',
  requestId: 'request',
  kind: 'login',
  outcome: 'success',
  subject: 'alice',
  sid: 'new',
  clientId: 'shop',
};

describe('LoginLimit', () => {
  let surplus: SurplusAuthorization[];
  let events: unknown[][];

  const limit = (maxLoginsPerUser: number | null): LoginLimit =>
    new LoginLimit(
      { maxLoginsPerUser } as AuthorizationServerConfig,
      {
        listSurplus: (_tx: unknown, { id }: { id: string }, max: number) => {
          events.push(['surplus', id, max]);
          return Promise.resolve(surplus);
        },
        revoke: (_tx: unknown, sid: string) => Promise.resolve(events.push(['revoke', sid]) > 0),
      } as unknown as AuthorizationRepository,
      {
        loadBySub: (_tx: unknown, sub: string) => Promise.resolve(events.push(['load', sub])),
      } as unknown as UserRepository,
      {
        record: (_tx: unknown, event: AuditEvent) => Promise.resolve(void events.push(['audit', event])),
      } as unknown as AuditLog,
    );
  const keep = () => {
    const lock = (name: string) => Promise.resolve(void events.push(['lock', name]));
    const create = () => {
      events.push(['create']);
      return Promise.resolve(STATE.authorization);
    };
    return limit(2).keep({ lock } as unknown as Transaction, USER, create, EVENT);
  };

  beforeEach(() => {
    [surplus, events] = [[], []];
  });

  it.each([
    [null, false],
    [1, true],
    [5, true],
  ])('with %s in the configuration is on: %s', (max, isOn) => {
    expect(limit(max).isOn).toBe(isOn);
  });

  // Two logins at once would otherwise each count itself as the last within the limit.
  it('lets logins of one user take turns, and then creates one before it counts', async () => {
    expect(await keep()).toBe(STATE.authorization);
    expect(events).toEqual([
      ['lock', 'logins of alice'],
      ['load', 'alice'],
      ['create'],
      ['surplus', STATE.authorization.id, 2],
    ]);
  });

  it('ends what is beyond the limit, and records why', async () => {
    surplus = [
      { sid: 'one', clientId: 'shop' },
      { sid: 'two', clientId: 'other' },
    ];
    expect(await keep()).toBe(STATE.authorization);
    const recorded = (sid: string, clientId: string) => ({
      ...EVENT,
      kind: 'authorization_revoked',
      sid,
      clientId,
      detail: { reason: 'too_many_logins' },
    });
    expect(events.slice(4)).toEqual([
      ['revoke', 'one'],
      ['audit', recorded('one', 'shop')],
      ['revoke', 'two'],
      ['audit', recorded('two', 'other')],
    ]);
  });
});
