import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import { REGISTRATION } from '../clients/a-registration.spec-support.js';
import { UnknownClientError } from '../clients/clients.service.js';
import { anAdministrator, refusalOf } from './an-administrator.spec-support.js';
import { anInstallation, type AnInstallation } from './an-installation.spec-support.js';
import { AdminClientSecretsService } from './client-secrets.service.js';
import { AdminClientsService } from './clients.service.js';
import { AdminScopeClientsService } from './scope-clients.service.js';
import { AdminScopesService } from './scopes.service.js';

const SELF = anAdministrator('admin:clients admin:scopes');
const SCOPES = ['read', 'read:all', 'write', 'z'];
/** Each with its scope, in the order of a list. */
const CLIENTS = [
  ['a-shop', 'read'],
  ['b-shop', 'read write'],
  ['c-kiosk', 'read:all'],
  ['d-shop', 'read z'],
] as const;

describe('The lists of administrators', () => {
  let installation: AnInstallation;
  let scopes: AdminScopesService;
  let clients: AdminClientsService;

  beforeAll(async () => {
    installation = await anInstallation();
    scopes = installation.get(AdminScopesService);
    clients = installation.get(AdminClientsService);
    for (const name of SCOPES.toReversed()) await scopes.create({ name, description: `for ${name}` }, SELF);
    for (const [clientId, scope] of CLIENTS.toReversed()) {
      const registration = { ...REGISTRATION, clientId, scope: ScopeSet.parse(scope), defaultScope: null };
      await clients.create(registration, { hash: 'the-hash', expiresAt: null }, clientId !== 'd-shop', SELF);
    }
  });

  afterAll(() => installation.close());

  describe('of scopes', () => {
    it.each([
      ['', 4, null, SCOPES, null],
      ['', 2, null, ['read', 'read:all'], 'read:all'],
      ['', 2, 'read:all', ['write', 'z'], null],
      ['read', 1, null, ['read'], 'read'],
      ['read', 1, 'read', ['read:all'], null],
      ['other', 2, null, [], null],
    ])('with the prefix %j, %d after %j', async (prefix, limit, after, names, next) => {
      const page = await scopes.list(prefix, limit, after);
      expect(page.items.map(({ name }) => name)).toEqual(names);
      expect(page.next).toBe(next);
    });

    it('have their descriptions', async () => {
      expect((await scopes.list('write', 1, null)).items).toEqual([
        { name: 'write', description: 'for write' },
      ]);
    });
  });

  const idsOf = ({ items, next }: Awaited<ReturnType<AdminClientsService['list']>>) => [
    items.map(({ client }) => client.clientId),
    next,
  ];

  it.each([
    [{}, 4, null, ['a-shop', 'b-shop', 'c-kiosk', 'd-shop'], null],
    [{}, 2, null, ['a-shop', 'b-shop'], 'b-shop'],
    [{}, 2, 'b-shop', ['c-kiosk', 'd-shop'], null],
    [{ enabled: false }, 4, null, ['d-shop'], null],
    [{ prefix: 'c' }, 4, null, ['c-kiosk'], null],
  ])('of clients: %j, %d after %j', async (filter, limit, after, ids, next) => {
    expect(idsOf(await clients.list(filter, limit, after))).toEqual([ids, next]);
  });

  describe('of the clients of a scope', () => {
    let ofScope: AdminScopeClientsService;

    beforeAll(() => {
      ofScope = installation.get(AdminScopeClientsService);
    });

    it.each([
      ['read', 4, null, ['a-shop', 'b-shop', 'd-shop'], null],
      ['read', 2, null, ['a-shop', 'b-shop'], 'b-shop'],
      ['read', 2, 'b-shop', ['d-shop'], null],
      ['read:all', 4, null, ['c-kiosk'], null],
    ])('%s: %d after %j', async (name, limit, after, ids, next) => {
      expect(idsOf(await ofScope.list(name, limit, after))).toEqual([ids, next]);
    });

    it('is there only for a scope that is there', async () => {
      expect(await refusalOf(() => ofScope.list('unknown', 4, null))).toEqual([404, 'not_found']);
    });

    it('follows what is added and removed', async () => {
      await ofScope.add('z', 'c-kiosk', SELF);
      expect(idsOf(await ofScope.list('z', 4, null))).toEqual([['c-kiosk', 'd-shop'], null]);
      await ofScope.remove('z', 'c-kiosk', SELF);
      expect(idsOf(await ofScope.list('z', 4, null))).toEqual([['d-shop'], null]);
    });
  });

  it('of secrets never contain a secret or its hash', async () => {
    const secrets = installation.get(AdminClientSecretsService);
    const added = await secrets.add('a-shop', { hash: 'the-second', expiresAt: null }, null, SELF);
    const list = await secrets.list('a-shop');
    expect(list).toHaveLength(2);
    expect(list).toContainEqual(added);
    expect(JSON.stringify(list)).not.toMatch(/the-(hash|second)/);
    expect(await secrets.list('b-shop')).toHaveLength(1);
    await expect(secrets.list('unknown')).rejects.toThrow(UnknownClientError);
  });
});
