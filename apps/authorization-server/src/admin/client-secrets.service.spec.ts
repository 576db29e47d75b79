import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ClientRepository } from '../clients/client-repository.js';
import type { ClientSecretInfo, StoredClient } from '../clients/client.js';
import type { ClientsService } from '../clients/clients.service.js';
import { anAdministrator, aStoredClient, databaseThat, refusalOf } from './an-administrator.spec-support.js';
import { AdminClientSecretsService } from './client-secrets.service.js';
import type { AdminClientsService } from './clients.service.js';
import { Problem } from './problem.js';

const SELF = anAdministrator('admin:clients');
const aSecret = (id: string, expiresAt: number | null = null): ClientSecretInfo => ({
  id,
  expiresAt,
  createdAt: 0,
  lastUsedAt: null,
});
const [ENDED, LATER] = [Date.now() - 1000, Date.now() + 3_600_000];

describe('AdminClientSecretsService', () => {
  let stored: StoredClient;
  let secrets: ClientSecretInfo[];
  let isLast: boolean;
  let service: AdminClientSecretsService;

  beforeEach(() => {
    [stored, secrets, isLast] = [aStoredClient(), [aSecret('one')], false];
    service = new AdminClientSecretsService(
      databaseThat([]),
      {
        listSecrets: (_tx: unknown, key: number) => Promise.resolve(key === 7 ? [...secrets] : []),
        removeExpiredSecrets: () => {
          secrets = secrets.filter(({ expiresAt }) => expiresAt !== ENDED);
          return Promise.resolve();
        },
      } as unknown as ClientRepository,
      {
        addSecret: (
          _tx: unknown,
          _stored: unknown,
          { expiresAt }: ClientSecretInfo,
          othersAt: number | null,
        ) => {
          secrets = secrets.map((secret) => ({ ...secret, expiresAt: othersAt ?? secret.expiresAt }));
          secrets.push(aSecret('new', expiresAt));
          return Promise.resolve('new');
        },
        removeSecret: (_tx: unknown, _stored: unknown, id: string) => {
          const before = secrets.length;
          secrets = secrets.filter((secret) => secret.id !== id);
          return Promise.resolve(secrets.length < before);
        },
      } as unknown as ClientsService,
      {
        lockAndLoad: () => Promise.resolve(stored),
        assertNotLast: () =>
          isLast ? Promise.reject(new Problem(409, 'in_use', 'the last')) : Promise.resolve(),
      } as unknown as AdminClientsService,
    );
  });

  const idsLeft = () => secrets.map(({ id }) => id);
  const add = (expireOthersAt: number | null = null) =>
    service.add('shop', { hash: 'hash', expiresAt: LATER }, expireOthersAt, SELF);
  const remove = (id: string, force = false) => service.remove('shop', id, force, SELF);

  it('adds a secret, and limits the others where asked to', async () => {
    expect(await add()).toEqual(aSecret('new', LATER));
    expect(secrets[0]).toEqual(aSecret('one'));
    await add(LATER);
    expect(secrets[0]).toEqual(aSecret('one', LATER));
  });

  it('adds none to a public client', async () => {
    stored = aStoredClient({}, { client: { ...stored.client, clientType: 'public' } });
    expect(await refusalOf(() => add())).toEqual([409, 'conflict']);
    expect(idsLeft()).toEqual(['one']);
  });

  it('keeps ten at most, of which expired ones do not count', async () => {
    secrets = Array.from({ length: 10 }, (_, index) => aSecret(`s${index}`, index === 3 ? ENDED : null));
    await add();
    expect(idsLeft()).toHaveLength(10);
    expect(await refusalOf(() => add())).toEqual([409, 'conflict']);
    expect(idsLeft()).toHaveLength(10);
  });

  it('removes one of several secrets', async () => {
    secrets.push(aSecret('two', LATER));
    isLast = true;
    await remove('one');
    expect(idsLeft()).toEqual(['two']);
  });

  it('removes the only one that authenticates the client only by force', async () => {
    secrets.push(aSecret('expired', ENDED));
    expect(await refusalOf(() => remove('one'))).toEqual([409, 'conflict']);
    expect(idsLeft()).toEqual(['one', 'expired']);
    await remove('one', true);
    expect(idsLeft()).toEqual(['expired']);
  });

  it('takes it from the last client that administers clients not even by force', async () => {
    isLast = true;
    expect(await refusalOf(() => remove('one', true))).toEqual([409, 'in_use']);
    expect(idsLeft()).toEqual(['one']);
  });

  it('removes an expired one beside it, and says where there is none', async () => {
    isLast = true;
    secrets.push(aSecret('expired', ENDED));
    await remove('expired');
    expect(idsLeft()).toEqual(['one']);
    expect(await refusalOf(() => remove('other'))).toEqual([404, 'not_found']);
  });
});
