import { ScopeSet } from '@latchkey/contracts';
import { newId, type Transaction } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import type { AuditContext } from '../../apps/authorization-server/src/audit/audit-event.js';
import type { ClientRegistration } from '../../apps/authorization-server/src/clients/client-fields.js';
import { ClientRepository } from '../../apps/authorization-server/src/clients/client-repository.js';
import { hashClientSecret } from '../../apps/authorization-server/src/clients/client-secret-hash.js';
import { ClientsService } from '../../apps/authorization-server/src/clients/clients.service.js';
import { PasswordHasher } from '../../apps/authorization-server/src/passwords/password-hasher.js';
import { UserRepository } from '../../apps/authorization-server/src/users/user-repository.js';
import { UsersService } from '../../apps/authorization-server/src/users/users.service.js';
import { SHOP } from './builders.js';
import type { Credentials } from './http.js';
import { credentialsOf } from './sessions.js';
import type { Stack } from './stack.js';
import type { NewClientSecret, StoredClient } from '../../apps/authorization-server/src/clients/client.js';

/** Who changes things in tests. */
export const ADMINISTRATOR: AuditContext = { actor: 'test-administrator', address: null, requestId: null };

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

/** What an administrator does to a user, through the services that every way in uses. */
export function administerUser({ application, database }: Stack, username: string) {
  const users = application.get(UsersService);
  const sub = async (): Promise<string> => {
    const [row] = await database.query<{ sub: string }>(
      sql`SELECT sub FROM users WHERE username = ${username}`,
    );
    if (row === undefined) throw new Error(`There is no user ${username}`);
    return row.sub;
  };
  return {
    sub,
    disable: async () => users.disable(await sub(), ADMINISTRATOR),
    enable: async () => users.enable(await sub(), ADMINISTRATOR),
    delete: async () => users.delete(await sub(), ADMINISTRATOR),
    changePassword: async (password: string) =>
      users.changePassword(await sub(), await application.get(PasswordHasher).hash(password), ADMINISTRATOR),
    /** Sets what the user may have at most; `null` takes the limit away. */
    limit: (allowedScope: string | null) =>
      database.transaction(async (tx) => {
        const stored = await application.get(UserRepository).loadByUsername(tx, username);
        if (stored === null) throw new Error(`There is no user ${username}`);
        const limit = allowedScope === null ? null : ScopeSet.parse(allowedScope);
        await users.update(tx, stored, { groups: stored.user.groups, allowedScope: limit }, ADMINISTRATOR);
      }),
  };
}

/** What an administrator does to a client. */
export function administerClient({ application, database }: Stack, clientId: string) {
  const clients = application.get(ClientsService);
  const repository = application.get(ClientRepository);
  const load = async (tx: Transaction): Promise<StoredClient> => {
    const stored = await repository.load(tx, clientId);
    if (stored === null) throw new Error(`There is no client ${clientId}`);
    return stored;
  };
  return {
    registration: async () => (await database.transaction(load)).registration,
    disable: () => clients.disable(clientId, ADMINISTRATOR),
    enable: () => clients.enable(clientId, ADMINISTRATOR),
    delete: () => clients.delete(clientId, ADMINISTRATOR),
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

/** Adds a secret beside those that a client has. `expiresAt` in milliseconds since the epoch. */
export function addClientSecret(
  stack: Stack,
  clientId: string,
  secret: string,
  expiresAt: number | null,
): Promise<void> {
  return administerClient(stack, clientId).addSecret(secret, expiresAt);
}

/** Sets what a user may have at most; `null` takes the limit away. */
export function limitUser(stack: Stack, username: string, allowedScope: string | null): Promise<void> {
  return administerUser(stack, username).limit(allowedScope);
}
