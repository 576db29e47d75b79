import { ScopeSet } from '@latchkey/contracts';
import type { AuditContext } from '../../apps/authorization-server/src/audit/audit-event.js';
import type { ClientRegistration } from '../../apps/authorization-server/src/clients/client-registration.js';
import {
  ClientRepository,
  type StoredClient,
} from '../../apps/authorization-server/src/clients/client-repository.js';
import { hashClientSecret } from '../../apps/authorization-server/src/clients/client-secret-hash.js';
import { ClientsService } from '../../apps/authorization-server/src/clients/clients.service.js';
import { UserRepository } from '../../apps/authorization-server/src/users/user-repository.js';
import { UsersService } from '../../apps/authorization-server/src/users/users.service.js';
import type { Stack } from './stack.js';

/** Who changes things in tests. */
export const ADMINISTRATOR: AuditContext = { actor: 'test', address: null, requestId: null };

/** Changes what is registered about a client, as an administrator would while the server runs. */
export async function changeClient(
  { application, database }: Stack,
  clientId: string,
  changes: Partial<ClientRegistration>,
): Promise<void> {
  const clients = application.get(ClientsService);
  const repository = application.get(ClientRepository);
  await database.write(function* () {
    const stored = found(yield* repository.load(clientId));
    yield* clients.update(stored, { ...stored.registration, ...changes }, ADMINISTRATOR);
  });
}

/** Adds a secret beside those that a client has. `expiresAt` in milliseconds since the epoch. */
export async function addClientSecret(
  { application, database }: Stack,
  clientId: string,
  secret: string,
  expiresAt: number | null,
): Promise<void> {
  const repository = application.get(ClientRepository);
  await database.write(function* () {
    const { client }: StoredClient = found(yield* repository.load(clientId));
    yield* repository.addSecret(client.key, { hash: hashClientSecret(secret), expiresAt });
  });
}

/** Sets what a user may have at most; `null` takes the limit away. */
export async function limitUser(
  { application, database }: Stack,
  username: string,
  allowedScope: string | null,
): Promise<void> {
  const users = application.get(UsersService);
  const repository = application.get(UserRepository);
  await database.write(function* () {
    const stored = found(yield* repository.loadByUsername(username));
    const limit = allowedScope === null ? null : ScopeSet.parse(allowedScope);
    yield* users.update(stored, { groups: stored.user.groups, allowedScope: limit }, ADMINISTRATOR);
  });
}

function found<T>(stored: T | null): T {
  if (stored === null) throw new Error('There is no such client or user');
  return stored;
}
