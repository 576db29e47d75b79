import { ScopeSet } from '@latchkey/contracts';
import { newId, type Transaction } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import type { Administrator } from '../../apps/authorization-server/src/admin/administrator.js';
import { AdminClientsService } from '../../apps/authorization-server/src/admin/clients.service.js';
import { AdminUsersService } from '../../apps/authorization-server/src/admin/users.service.js';
import type { AuditContext } from '../../apps/authorization-server/src/audit/audit-event.js';
import type { ClientRegistration } from '../../apps/authorization-server/src/clients/client-fields.js';
import { ClientRepository } from '../../apps/authorization-server/src/clients/client-repository.js';
import { hashClientSecret } from '../../apps/authorization-server/src/clients/client-secret-hash.js';
import { ClientsService } from '../../apps/authorization-server/src/clients/clients.service.js';
import { PasswordHasher } from '../../apps/authorization-server/src/passwords/password-hasher.js';
import { ADMINISTRATIVE_SCOPES } from '../../apps/authorization-server/src/scopes/reserved-scope.js';
import { UserRepository } from '../../apps/authorization-server/src/users/user-repository.js';
import { UsersService } from '../../apps/authorization-server/src/users/users.service.js';
import { SHOP } from './builders.js';
import type { Credentials } from './http.js';
import { credentialsOf } from './sessions.js';
import type { Stack } from './stack.js';
import type { NewClientSecret, StoredClient } from '../../apps/authorization-server/src/clients/client.js';

/** Who changes things in tests. */
export const ADMINISTRATOR: AuditContext = { actor: 'test-administrator', address: null, requestId: null };

/** The same with all administrative scopes, for what the administration API calls. */
const ALMIGHTY: Administrator = { scope: ScopeSet.of(ADMINISTRATIVE_SCOPES), context: ADMINISTRATOR };

export interface Owner {
  readonly username: string;
  readonly password: string;
}

let names = 0;

/** A new user with the password of `like`; one test may do to it what would disturb others. */
export async function newUserLike({ application, database }: Stack, like: Owner): Promise<Owner> {
  const username = `user-${++names}`;
  const repository = application.get(UserRepository);
  await database.transaction(async (tx) => {
    const stored = await repository.loadByUsername(tx, like.username);
    if (stored === null) throw new Error(`There is no user ${like.username}`);
    const user = { ...stored.user, sub: newId(), username, disabledBy: null };
    await application.get(UsersService).create(tx, [user], ADMINISTRATOR);
  });
  return { username, password: like.password };
}

/** A new client that is registered like the shop, but for `changes`. */
export async function newClient(
  stack: Stack,
  changes: Partial<ClientRegistration> = {},
): Promise<Credentials> {
  const client = credentialsOf(`client-${++names}`);
  const registration = await administerClient(stack, SHOP.clientId).registration();
  await administerClient(stack, client.clientId).register(
    { ...registration, clientId: client.clientId, ...changes },
    client.secret,
  );
  return client;
}

/** What an administrator does to a user, through what the administration API calls. */
export function administerUser({ application, database }: Stack, username: string) {
  const users = application.get(UsersService);
  const api = application.get(AdminUsersService);
  const sub = async (): Promise<string> => {
    const [row] = await database.query<{ sub: string }>(
      sql`SELECT sub FROM users WHERE username = ${username}`,
    );
    if (row === undefined) throw new Error(`There is no user ${username}`);
    return row.sub;
  };
  const setPasswordHash = async (hash: string): Promise<void> => {
    await api.setPasswordHash(await sub(), hash, false, ALMIGHTY);
  };
  return {
    sub,
    disable: async () => api.setEnabled(await sub(), false, ALMIGHTY),
    enable: async () => api.setEnabled(await sub(), true, ALMIGHTY),
    delete: async () => api.delete(await sub(), ALMIGHTY),
    setPasswordHash,
    changePassword: async (password: string) =>
      setPasswordHash(await application.get(PasswordHasher).hash(password)),
    /** Sets what the user may have at most; `null` takes the limit away. */
    limit: (allowedScope: string | null) =>
      database.transaction(async (tx) => {
        const stored = await application.get(UserRepository).loadByUsername(tx, username);
        if (stored === null) throw new Error(`There is no user ${username}`);
        const limit = allowedScope === null ? null : ScopeSet.parse(allowedScope);
        await users.update(tx, stored, { ...stored.user, allowedScope: limit }, ADMINISTRATOR);
      }),
  };
}

/** What an administrator does to a client. */
export function administerClient({ application, database }: Stack, clientId: string) {
  const clients = application.get(ClientsService);
  const api = application.get(AdminClientsService);
  const repository = application.get(ClientRepository);
  const load = async (tx: Transaction): Promise<StoredClient> => {
    const stored = await repository.load(tx, clientId);
    if (stored === null) throw new Error(`There is no client ${clientId}`);
    return stored;
  };
  return {
    registration: async () => (await database.transaction(load)).registration,
    disable: () => api.setEnabled(clientId, false, ALMIGHTY),
    enable: () => api.setEnabled(clientId, true, ALMIGHTY),
    delete: () => api.delete(clientId, ALMIGHTY),
    /** The API refuses these for the last client that administers clients. */
    asLast: {
      disable: () =>
        database.transaction(async (tx) =>
          clients.setDisabled(tx, await load(tx), 'administrator', ADMINISTRATOR),
        ),
      delete: () =>
        database.transaction(async (tx) =>
          clients.remove(tx, await load(tx), 'administrator', ADMINISTRATOR),
        ),
    },
    register: (registration: ClientRegistration, secret: string) =>
      database.transaction((tx) => clients.register(tx, registration, [hashed(secret)], null, ADMINISTRATOR)),
    /** Changes the registration: `change` gets it as it is. */
    update: (change: (registration: ClientRegistration) => Partial<ClientRegistration>) =>
      database.transaction(async (tx) => {
        const stored = await load(tx);
        const { registration } = stored;
        await clients.update(tx, stored, { ...registration, ...change(registration) }, ADMINISTRATOR);
      }),
    /** Adds a secret beside those there are. `expiresAt` in milliseconds since the epoch; `null` never ends. */
    addSecret: (secret: string, expiresAt: number | null) =>
      database.transaction(async (tx) => {
        const { client } = await load(tx);
        await repository.addSecret(tx, client.key, hashed(secret, expiresAt));
      }),
    deleteSecrets: () =>
      database.transaction(async (tx) => {
        await clients.replaceSecrets(tx, await load(tx), [], ADMINISTRATOR);
      }),
    endAuthorizations: () =>
      database.transaction(async (tx) => {
        await clients.endAuthorizations(tx, await load(tx), ADMINISTRATOR);
      }),
    /** Replaces all secrets by this one. */
    replaceSecret: (secret: string) =>
      database.transaction(async (tx) => {
        await clients.replaceSecrets(tx, await load(tx), [hashed(secret)], ADMINISTRATOR);
      }),
  };
}

/** A secret that never ends, unless told otherwise, as it is stored. */
function hashed(secret: string, expiresAt: number | null = null): NewClientSecret {
  return { hash: hashClientSecret(secret), expiresAt };
}

/** Changes what is registered about a client. */
export function changeClient(
  stack: Stack,
  clientId: string,
  changes: Partial<ClientRegistration>,
): Promise<void> {
  return administerClient(stack, clientId).update(() => changes);
}

/** Sets what a user may have at most; `null` takes the limit away. */
export function limitUser(stack: Stack, username: string, allowedScope: string | null): Promise<void> {
  return administerUser(stack, username).limit(allowedScope);
}
