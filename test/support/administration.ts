import type { Step } from '@latchkey/platform';
import sql from 'sql-template-tag';
import type { ClientRegistration } from '../../apps/authorization-server/src/clients/client-registration.js';
import {
  ClientRepository,
  type StoredClient,
} from '../../apps/authorization-server/src/clients/client-repository.js';
import { hashClientSecret } from '../../apps/authorization-server/src/clients/client-secret-hash.js';
import { ClientsService } from '../../apps/authorization-server/src/clients/clients.service.js';
import { PasswordHasher } from '../../apps/authorization-server/src/passwords/password-hasher.js';
import { UsersService } from '../../apps/authorization-server/src/users/users.service.js';
import type { Stack } from './stack.js';

const CONTEXT = { actor: 'test-administrator', address: null, requestId: null };

/** What an administrator does to a user, through the services that every way in uses. */
export function administerUser(stack: Stack, username: string) {
  const users = stack.application.get(UsersService);
  const sub = async (): Promise<string> => {
    const [row] = await stack.database.query<{ sub: string }>(
      sql`SELECT sub FROM users WHERE username = ${username}`,
    );
    if (row === undefined) throw new Error(`There is no user ${username}`);
    return row.sub;
  };
  return {
    sub,
    disable: async () => users.disable(await sub(), CONTEXT),
    enable: async () => users.enable(await sub(), CONTEXT),
    delete: async () => users.delete(await sub(), CONTEXT),
    changePassword: async (password: string) =>
      users.changePassword(await sub(), await stack.application.get(PasswordHasher).hash(password), CONTEXT),
  };
}

/** What an administrator does to a client. */
export function administerClient(stack: Stack, clientId: string) {
  const clients = stack.application.get(ClientsService);
  const repository = stack.application.get(ClientRepository);
  const load = function* (): Step<StoredClient> {
    const stored = yield* repository.load(clientId);
    if (stored === null) throw new Error(`There is no client ${clientId}`);
    return stored;
  };
  return {
    load: () => stack.database.write(load),
    disable: () => clients.disable(clientId, CONTEXT),
    enable: () => clients.enable(clientId, CONTEXT),
    delete: () => clients.delete(clientId, CONTEXT),
    register: (registration: ClientRegistration, secret: string) =>
      stack.database.write(() => clients.register(registration, hashClientSecret(secret), null, CONTEXT)),
    /** Replaces all secrets by this one. */
    replaceSecret: (secret: string) =>
      stack.database.write(function* () {
        yield* clients.replaceSecret(yield* load(), hashClientSecret(secret), CONTEXT);
      }),
    /** Changes the registration: `change` gets it as it is. */
    update: (change: (registration: ClientRegistration) => Partial<ClientRegistration>) =>
      stack.database.write(function* () {
        const stored = yield* load();
        const { registration } = stored;
        yield* clients.update(stored, { ...registration, ...change(registration) }, CONTEXT);
      }),
  };
}
