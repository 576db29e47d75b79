import { beforeEach, describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import type { ClientRegistration } from '../clients/client-fields.js';
import type { StoredClient } from '../clients/client.js';
import { anAdministrator, aStoredClient, databaseThat, refusalOf } from './an-administrator.spec-support.js';
import type { AdminClientsService } from './clients.service.js';
import { Problem } from './problem.js';
import { AdminScopeClientsService } from './scope-clients.service.js';
import type { AdminScopesService } from './scopes.service.js';

const SELF = anAdministrator('admin:clients');

describe('AdminScopeClientsService', () => {
  let stored: StoredClient;
  let replaced: [string, string | null][];
  let service: AdminScopeClientsService;

  beforeEach(() => {
    [stored, replaced] = [aStoredClient(), []];
    service = new AdminScopeClientsService(
      databaseThat([]),
      {
        find: (name: string) =>
          name === 'unknown' ? Promise.reject(Problem.notFound('scope')) : Promise.resolve({}),
      } as unknown as AdminScopesService,
      {
        find: () => Promise.resolve(stored),
        lockToReplace: () => Promise.resolve(stored),
        replaceWithin: (_tx: unknown, _stored: unknown, { scope, defaultScope }: ClientRegistration) => {
          replaced.push([scope.toString(), defaultScope?.toString() ?? null]);
          return Promise.resolve();
        },
      } as unknown as AdminClientsService,
    );
  });

  it('finds a client that has the scope', async () => {
    expect(await service.find('write', 'shop')).toBe(stored);
    expect(await refusalOf(() => service.find('other', 'shop'))).toEqual([404, 'not_found']);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['find', () => service.find('unknown', 'shop')],
    ['add', () => service.add('unknown', 'shop', SELF)],
    ['remove', () => service.remove('unknown', 'shop', SELF)],
  ])('%s: refuses a scope that is not there', async (_, act) => {
    expect(await refusalOf(act)).toEqual([404, 'not_found']);
    expect(replaced).toEqual([]);
  });

  it('adds a scope, and leaves the default scope as it is', async () => {
    await service.add('other', 'shop', SELF);
    expect(replaced).toEqual([['read write other', 'read']]);
  });

  it('changes nothing where the client has the scope already, or lacks it', async () => {
    await service.add('write', 'shop', SELF);
    expect(await refusalOf(() => service.remove('other', 'shop', SELF))).toEqual([404, 'not_found']);
    expect(replaced).toEqual([]);
  });

  it('removes it from what the client may ask for, and from its default scope', async () => {
    await service.remove('write', 'shop', SELF);
    await service.remove('read', 'shop', SELF);
    stored = aStoredClient({ defaultScope: ScopeSet.parse('read write') });
    await service.remove('read', 'shop', SELF);
    stored = aStoredClient({ defaultScope: null });
    await service.remove('read', 'shop', SELF);
    expect(replaced).toEqual([
      ['read', 'read'],
      ['write', null],
      ['write', 'write'],
      ['write', null],
    ]);
  });
});
