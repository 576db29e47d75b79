import { beforeEach, describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import type {
  AuthorizationFilter,
  AuthorizationListRepository,
  ListedAuthorization,
} from '../authorizations/authorization-list-repository.js';
import type { AuthorizationsService } from '../authorizations/authorizations.service.js';
import type { UserRepository } from '../users/user-repository.js';
import type { UsersService } from '../users/users.service.js';
import { anAdministrator, refusalOf } from './an-administrator.spec-support.js';
import { AdminAuthorizationsService } from './authorizations.service.js';
import type { AdminClientsService } from './clients.service.js';

const SELF = anAdministrator('admin:authorizations');

describe('AdminAuthorizationsService', () => {
  let listed: Partial<ListedAuthorization> | null;
  let users: Record<string, string>;
  let events: unknown[][];
  let service: AdminAuthorizationsService;

  beforeEach(() => {
    listed = { sub: 's', clientId: 'shop', scope: ScopeSet.parse('read') };
    [users, events] = [{}, []];
    const find = (kind: string) => (name: string) => {
      const sub = users[`${kind} ${name}`];
      return Promise.resolve(sub === undefined ? null : { sub });
    };
    service = new AdminAuthorizationsService(
      {
        find: () => Promise.resolve(listed),
        list: (_filter: unknown, limit: number) =>
          Promise.resolve({ found: [...'abcdef'].slice(0, limit).map((id) => ({ id })), lastExamined: 'f' }),
      } as unknown as AuthorizationListRepository,
      {
        revoke: (subject: object, kind: string, context: object, work: string) =>
          Promise.resolve(void events.push([subject, kind, context, work])),
      } as unknown as AuthorizationsService,
      {
        endAuthorizations: (...call: unknown[]) => Promise.resolve(void events.push(call)),
      } as unknown as AdminClientsService,
      {
        endAuthorizations: (sub: string, context: object) =>
          Promise.resolve(void events.push([sub, context])),
      } as unknown as UsersService,
      { findByUsername: find('username'), findBySub: find('sub') } as unknown as UserRepository,
    );
  });

  it.each([
    ['s', 'shop', { clientId: 'shop', subject: 's' }],
    [null, null, { clientId: '', subject: undefined }],
  ])('ends an authorization of %s at %s', async (sub, clientId, subject) => {
    listed = { ...listed, sub, clientId };
    await service.revoke('id', SELF);
    expect(events).toEqual([
      [{ sid: 'id', ...subject }, 'authorization_revoked', SELF.context, 'administration'],
    ]);
  });

  it('ends no authorization that is more powerful than the administrator, and none that is not there', async () => {
    listed = { ...listed, scope: ScopeSet.parse('admin:clients') };
    expect(await refusalOf(() => service.revoke('id', SELF))).toEqual([403, 'admin:clients']);
    listed = null;
    expect(await refusalOf(() => service.revoke('id', SELF))).toEqual([404, 'not_found']);
    expect(events).toEqual([]);
  });

  it('prefers a user name to a sub of the same text', async () => {
    users = { 'username alice': 's1', 'sub alice': 's2', 'sub Bob Smith/1': 's3' };
    expect(await service.subOf('alice')).toBe('s1');
    expect(await service.subOf('ALICE')).toBe('s1');
    expect(await service.subOf('Bob Smith/1')).toBe('s3');
    expect(await service.subOf('carol')).toBeNull();
    // It cannot be a user name.
    const long = 'x'.repeat(300);
    users = { 'username null': 's1', [`sub ${long}`]: 's2' };
    expect(await service.subOf(long)).toBe('s2');
  });

  it('ends all of a user who is there', async () => {
    users = { 'username alice': 's1' };
    await service.revokeOfUser('alice', SELF);
    expect(events).toEqual([['s1', SELF.context]]);
    expect(await refusalOf(() => service.revokeOfUser('carol', SELF))).toEqual([404, 'not_found']);
  });

  it('lets the service of clients judge who ends all of a client', async () => {
    await service.revokeOfClient('shop', SELF);
    expect(events).toEqual([['shop', SELF]]);
  });

  it('says where a list goes on', async () => {
    const page = await service.list({} as AuthorizationFilter, 2, null);
    expect(page).toMatchObject({ next: 'b' });
  });
});
