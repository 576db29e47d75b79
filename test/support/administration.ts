import { ScopeSet } from '@latchkey/contracts';
import { newId, type Step } from '@latchkey/platform';
import sql from 'sql-template-tag';
import type { AuditContext } from '../../apps/authorization-server/src/audit/audit-event.js';
import type { ClientRegistration } from '../../apps/authorization-server/src/clients/client-registration.js';
import {
  ClientRepository,
  type NewClientSecret,
  type StoredClient,
} from '../../apps/authorization-server/src/clients/client-repository.js';
import { hashClientSecret } from '../../apps/authorization-server/src/clients/client-secret-hash.js';
import { ClientsService } from '../../apps/authorization-server/src/clients/clients.service.js';
import { PasswordHasher } from '../../apps/authorization-server/src/passwords/password-hasher.js';
import { UserRepository } from '../../apps/authorization-server/src/users/user-repository.js';
import { UsersService } from '../../apps/authorization-server/src/users/users.service.js';
import { SHOP } from './builders.js';
import type { Credentials } from './http.js';
import { credentialsOf } from './sessions.js';
import type { Stack } from './stack.js';

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
  await database.write(function* () {
    const stored = yield* repository.loadByUsername(like.username);
    if (stored === null) throw new Error(`There is no user ${like.username}`);
    const user = { ...stored.user, sub: newId(), username };
    yield* application.get(UsersService).create(user, null, ADMINISTRATOR);
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
      database.write(function* () {
        const stored = yield* application.get(UserRepository).loadByUsername(username);
        if (stored === null) throw new Error(`There is no user ${username}`);
        const limit = allowedScope === null ? null : ScopeSet.parse(allowedScope);
        yield* users.update(stored, { groups: stored.user.groups, allowedScope: limit }, ADMINISTRATOR);
      }),
  };
}

/** What an administrator does to a client. */
export function administerClient({ application, database }: Stack, clientId: string) {
  const clients = application.get(ClientsService);
  const repository = application.get(ClientRepository);
  const load = function* (): Step<StoredClient> {
    const stored = yield* repository.load(clientId);
    if (stored === null) throw new Error(`There is no client ${clientId}`);
    return stored;
  };
  return {
    registration: async () => (await database.write(load)).registration,
    disable: () => clients.disable(clientId, ADMINISTRATOR),
    enable: () => clients.enable(clientId, ADMINISTRATOR),
    delete: () => clients.delete(clientId, ADMINISTRATOR),
    register: (registration: ClientRegistration, secret: string) =>
      database.write(() => clients.register(registration, [hashed(secret)], null, ADMINISTRATOR)),
    /** Changes the registration: `change` gets it as it is. */
    update: (change: (registration: ClientRegistration) => Partial<ClientRegistration>) =>
      database.write(function* () {
        const stored = yield* load();
        const { registration } = stored;
        yield* clients.update(stored, { ...registration, ...change(registration) }, ADMINISTRATOR);
      }),
    /** Adds a secret beside those there are. `expiresAt` in milliseconds since the epoch; `null` never ends. */
    addSecret: (secret: string, expiresAt: number | null) =>
      database.write(function* () {
        const { client } = yield* load();
        yield* repository.addSecret(client.key, hashed(secret, expiresAt));
      }),
    deleteSecrets: () =>
      database.write(function* () {
        yield* clients.replaceSecrets(yield* load(), [], ADMINISTRATOR);
      }),
    endAuthorizations: () =>
      database.write(function* () {
        yield* clients.endAuthorizations(yield* load(), ADMINISTRATOR);
      }),
    /** Replaces all secrets by this one. */
    replaceSecret: (secret: string) =>
      database.write(function* () {
        yield* clients.replaceSecrets(yield* load(), [hashed(secret)], ADMINISTRATOR);
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
