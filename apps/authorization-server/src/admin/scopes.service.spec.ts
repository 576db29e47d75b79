import { beforeEach, describe, expect, it } from '@jest/globals';
import { ACCOUNT_SCOPE } from '../scopes/reserved-scope.js';
import type { Scope, ScopeRepository } from '../scopes/scope-repository.js';
import { ScopeInUseError, type ScopesService } from '../scopes/scopes.service.js';
import { anAdministrator, databaseThat, refusalOf } from './an-administrator.spec-support.js';
import type { Problem } from './problem.js';
import { AdminScopesService } from './scopes.service.js';

const SELF = anAdministrator('admin:scopes');
const aScope = (name: string): Scope => ({ name, description: `for ${name}` });

describe('AdminScopesService', () => {
  let failure: Error | null;
  let events: unknown[][];
  let service: AdminScopesService;

  beforeEach(() => {
    [failure, events] = [null, []];
    service = new AdminScopesService(
      databaseThat(events),
      {
        find: (name: string) => Promise.resolve(name === 'read' ? aScope(name) : null),
      } as unknown as ScopeRepository,
      {
        listNames: () => Promise.resolve(['read', ACCOUNT_SCOPE, 'admin:users']),
        ensure: (_tx: unknown, scopes: Scope[]) => Promise.resolve(void events.push(['ensure', ...scopes])),
        remove: (_tx: unknown, name: string) =>
          failure === null ? Promise.resolve(void events.push(['remove', name])) : Promise.reject(failure),
      } as unknown as ScopesService,
    );
  });

  it('creates, describes and deletes a scope', async () => {
    await service.create(aScope('write'), SELF);
    await service.describe(aScope('read'), SELF);
    await service.delete('read', SELF);
    expect(events).toEqual([
      ['ensure', aScope('write')],
      ['ensure', aScope('read')],
      ['remove', 'read'],
    ]);
    expect(await service.find('read')).toEqual(aScope('read'));
  });

  it.each<[string, string, (name: string) => Promise<unknown>, [number, unknown]]>([
    ['create', 'admin:secrets', (name) => service.create(aScope(name), SELF), [400, ['name']]],
    ['create', 'read', (name) => service.create(aScope(name), SELF), [409, ['name']]],
    ['describe', 'admin:users', (name) => service.describe(aScope(name), SELF), [409, 'conflict']],
    ['describe', ACCOUNT_SCOPE, (name) => service.describe(aScope(name), SELF), [409, 'conflict']],
    ['describe', 'unknown', (name) => service.describe(aScope(name), SELF), [404, 'not_found']],
    ['delete', 'admin:users', (name) => service.delete(name, SELF), [409, 'conflict']],
    ['delete', ACCOUNT_SCOPE, (name) => service.delete(name, SELF), [409, 'conflict']],
    ['delete', 'unknown', (name) => service.delete(name, SELF), [404, 'not_found']],
    ['find', 'unknown', (name) => service.find(name), [404, 'not_found']],
  ])('%s: refuses %s', async (_, name, act, expected) => {
    expect(await refusalOf(() => act(name))).toEqual(expected);
    expect(events).toEqual([]);
  });

  it('names what uses a scope, and hides no other failure', async () => {
    failure = new ScopeInUseError('read', { clientIds: ['shop'], usernames: ['alice'] });
    const problem: unknown = await service.delete('read', SELF).catch((reason: unknown) => reason);
    expect((problem as Problem).toResponse()).toMatchObject({
      status: 409,
      code: 'in_use',
      used_by: { clients: ['shop'], users: ['alice'] },
    });
    failure = new Error('broken');
    await expect(service.delete('read', SELF)).rejects.toBe(failure);
  });
});
