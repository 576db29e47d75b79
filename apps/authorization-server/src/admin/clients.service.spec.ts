import { beforeEach, describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import { REGISTRATION } from '../clients/a-registration.spec-support.js';
import type { ClientListRepository } from '../clients/client-list-repository.js';
import type { ClientRepository } from '../clients/client-repository.js';
import type { StoredClient } from '../clients/client.js';
import { UnknownClientError, type ClientsService } from '../clients/clients.service.js';
import type { ScopesService } from '../scopes/scopes.service.js';
import { SubjectTakenError } from '../users/subject-names.js';
import type { Administrator } from './administrator.js';
import {
  ADMINISTERS,
  anAdministrator,
  aStoredClient,
  databaseThat,
  refusalOf,
} from './an-administrator.spec-support.js';
import { AdminClientsService } from './clients.service.js';

const SELF = anAdministrator('admin:clients');
const LOCKED = ['lock', 'client shop'];

describe('AdminClientsService', () => {
  let stored: StoredClient | null;
  let hasAnother: boolean;
  let taken: Error | null;
  let events: unknown[][];
  let service: AdminClientsService;

  beforeEach(() => {
    [stored, hasAnother, taken, events] = [aStoredClient(), false, null, []];
    const record =
      (kind: string) =>
      (_tx: unknown, ...what: unknown[]) =>
        Promise.resolve(
          void events.push([kind, ...what.slice(0, -1), (what.at(-1) as { actor: string }).actor]),
        );
    service = new AdminClientsService(
      databaseThat(events),
      {
        load: () => Promise.resolve(stored),
        anotherHasScope: (_tx: unknown, key: number, scope: string) => {
          events.push(['another?', key, scope]);
          return Promise.resolve(hasAnother);
        },
      } as unknown as ClientRepository,
      { find: () => Promise.resolve(stored) } as unknown as ClientListRepository,
      {
        register: (...call: unknown[]) =>
          taken === null ? record('register')(...(call as [unknown])) : Promise.reject(taken),
        setDisabled: record('disable'),
        remove: record('remove'),
        endAuthorizations: record('end'),
        update: record('update'),
      } as unknown as ClientsService,
      {
        lock: () => Promise.resolve(void events.push(['lock', 'scopes'])),
        listNames: () => Promise.resolve(['read', 'write', 'admin:clients', 'admin:users']),
      } as unknown as ScopesService,
    );
  });

  const changes: [string, (by: Administrator) => Promise<unknown>][] = [
    ['change', (by) => service.findToChange('shop', '*', by)],
    ['replace', (by) => service.replace(aStoredClient(), REGISTRATION, by)],
    ['enable', (by) => service.setEnabled('shop', true, by)],
    ['disable', (by) => service.setEnabled('shop', false, by)],
    ['delete', (by) => service.delete('shop', by)],
    ['end the authorizations of', (by) => service.endAuthorizations('shop', by)],
  ];

  it.each(changes)('does not let an administrator %s a client that is more powerful', async (_, change) => {
    stored = aStoredClient(
      { ...ADMINISTERS, scope: ScopeSet.parse('admin:users') },
      { disabledBy: 'configuration' },
    );
    expect(await refusalOf(() => change(SELF))).toEqual([403, 'admin:users']);
    expect(events.filter(([kind]) => kind !== 'lock')).toEqual([]);
  });

  it.each(changes)('does not %s a client that is not there', async (_, change) => {
    stored = null;
    await expect(change(SELF)).rejects.toThrow(UnknownClientError);
  });

  describe('create', () => {
    const create = (registration = REGISTRATION, enabled = true) =>
      service.create(registration, { hash: 'hash', expiresAt: null }, enabled, SELF);

    it.each([
      [true, null],
      [false, 'administrator'],
    ])('registers a client that is enabled or not: %s', async (enabled, disabledBy) => {
      expect(await create(REGISTRATION, enabled)).toBe(stored);
      const secrets = [{ hash: 'hash', expiresAt: null }];
      expect(events).toEqual([['register', REGISTRATION, secrets, disabledBy, 'console']]);
      await service.create(REGISTRATION, null, true, SELF);
      expect(events[1]).toEqual(['register', REGISTRATION, [], null, 'console']);
    });

    it('gives no power that the administrator lacks, and breaks no rule of a registration', async () => {
      const powerful = { ...REGISTRATION, ...ADMINISTERS, scope: ScopeSet.parse('admin:users') };
      expect(await refusalOf(() => create(powerful))).toEqual([403, 'admin:users']);
      const wrong = { ...REGISTRATION, scope: ScopeSet.parse('read unknown') };
      expect(await refusalOf(() => create(wrong))).toEqual([400, ['scope']]);
      expect(events).toEqual([]);
    });

    it('says that a name is taken, and hides no other failure', async () => {
      taken = new SubjectTakenError('client_id', 'taken');
      expect(await refusalOf(() => create())).toEqual([409, ['client_id']]);
      taken = new Error('broken');
      await expect(create()).rejects.toBe(taken);
    });
  });

  it('finds a client to change only in the version that the request names', async () => {
    expect(await service.findToChange('shop', '"7-2"', SELF)).toBe(stored);
    expect(await refusalOf(() => service.findToChange('shop', '"7-1"', SELF))).toEqual([
      412,
      'changed_meanwhile',
    ]);
  });

  describe('replace', () => {
    const replace = (registration = REGISTRATION, before = aStoredClient()) =>
      service.replace(before, registration, SELF);

    it('changes the client after it waited for configuration files and other administrators', async () => {
      expect(await replace()).toBe(stored);
      expect(events).toEqual([['lock', 'scopes'], LOCKED, ['update', stored, REGISTRATION, 'console']]);
    });

    it.each([{ version: 3 }, { client: { ...aStoredClient().client, key: 8 } }])(
      'changes nothing that has changed since it was read: %j',
      async (change) => {
        stored = aStoredClient({}, change);
        expect(await refusalOf(() => replace())).toEqual([412, 'changed_meanwhile']);
      },
    );

    it('gives no power that the administrator lacks, and breaks no rule', async () => {
      const powerful = { ...REGISTRATION, ...ADMINISTERS, scope: ScopeSet.parse('admin:users') };
      expect(await refusalOf(() => replace(powerful))).toEqual([403, 'admin:users']);
      expect(await refusalOf(() => replace({ ...REGISTRATION, audience: [] }))).toEqual([400, ['audience']]);
      expect(events.filter(([kind]) => kind !== 'lock')).toEqual([]);
    });

    it('makes no client without a secret confidential', async () => {
      const client = { ...aStoredClient().client, secrets: [] };
      stored = aStoredClient({}, { client });
      expect(await refusalOf(() => replace())).toEqual([400, ['client_type']]);
      const stays = { ...REGISTRATION, clientType: 'public', grantTypes: ['refresh_token'] } as const;
      expect(await replace(stays)).toBe(stored);
    });

    it.each([
      ['its scope', REGISTRATION],
      ['its grant', { ...REGISTRATION, ...ADMINISTERS, scope: ScopeSet.parse('read') }],
    ])(
      'takes %s from the last client that administers clients only where there is another',
      async (_, after) => {
        stored = aStoredClient(ADMINISTERS);
        expect(await refusalOf(() => replace(after))).toEqual([409, 'conflict']);
        expect(events.slice(2)).toEqual([
          ['lock', 'administrators'],
          ['another?', 7, 'admin:clients'],
        ]);
        hasAnother = true;
        expect(await replace(after)).toBe(stored);
        hasAnother = false;
        expect(await replace({ ...REGISTRATION, ...ADMINISTERS })).toBe(stored);
      },
    );
  });

  describe.each<[string, () => Promise<unknown>, unknown[]]>([
    ['disable', () => service.setEnabled('shop', false, SELF), ['administrator']],
    ['delete', () => service.delete('shop', SELF), ['administrator']],
  ])('%s', (kind, act, by) => {
    const done = () => [kind === 'disable' ? 'disable' : 'remove', stored, ...by, 'console'];

    it('spares the last client that administers clients', async () => {
      stored = aStoredClient(ADMINISTERS);
      expect(await refusalOf(act)).toEqual([409, 'conflict']);
      expect(events).toEqual([LOCKED, ['lock', 'administrators'], ['another?', 7, 'admin:clients']]);
      hasAnother = true;
      await act();
      expect(events.at(-1)).toEqual(done());
    });

    it.each<[string, StoredClient]>([
      ['administers nothing', aStoredClient()],
      ['has the scope, and no grant to use it', aStoredClient({ ...ADMINISTERS, grantTypes: ['password'] })],
      ['has the grant without the scope', aStoredClient({ ...ADMINISTERS, scope: ScopeSet.parse('read') })],
      ['was disabled by a file', aStoredClient(ADMINISTERS, { disabledBy: 'configuration' })],
    ])('spares no client that %s', async (_, client) => {
      stored = client;
      await act();
      expect(events).toEqual([LOCKED, done()]);
    });
  });

  it('enables what an administrator or a file disabled, and does nothing twice', async () => {
    for (const disabledBy of ['administrator', 'configuration'] as const) {
      stored = aStoredClient({}, { disabledBy });
      await service.setEnabled('shop', true, SELF);
      expect(events.at(-1)).toEqual(['disable', stored, null, 'console']);
    }
    events.length = 0;
    stored = aStoredClient();
    expect(await service.setEnabled('shop', true, SELF)).toBe(stored);
    stored = aStoredClient({}, { disabledBy: 'administrator' });
    expect(await service.setEnabled('shop', false, SELF)).toBe(stored);
    expect(events).toEqual([LOCKED, LOCKED]);
  });

  it('ends the authorizations also of the last client that administers clients', async () => {
    stored = aStoredClient(ADMINISTERS);
    await service.endAuthorizations('shop', SELF);
    expect(events).toEqual([LOCKED, ['end', stored, 'console']]);
  });
});
