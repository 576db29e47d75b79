import { expect } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import type { Database, Transaction, WorkClass } from '@latchkey/platform/database';
import { BearerError, Refusals, RequestAuthenticator, type AccessToken } from '@latchkey/resource-server';
import type { ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { REGISTRATION } from '../clients/a-registration.spec-support.js';
import type { ClientRegistration } from '../clients/client-fields.js';
import type { Client, StoredClient } from '../clients/client.js';
import type { Administrator } from './administrator.js';
import { Problem } from './problem.js';

export const anAdministrator = (scope: string): Administrator => ({
  scope: ScopeSet.parse(scope),
  context: { actor: 'console', address: '192.0.2.1', requestId: 'request' },
});

export const aStoredClient = (
  registration: Partial<ClientRegistration> = {},
  changes: Partial<StoredClient> = {},
): StoredClient => ({
  client: { key: 7, clientId: 'shop', clientType: 'confidential', secrets: [{}] } as unknown as Client,
  registration: { ...REGISTRATION, ...registration },
  disabledBy: null,
  version: 2,
  createdAt: 0,
  updatedAt: 0,
  ...changes,
});

/** Of a client that administers other clients. */
export const ADMINISTERS = {
  grantTypes: ['client_credentials'],
  scope: ScopeSet.parse('admin:clients'),
  defaultScope: null,
  refreshTokenPolicy: 'none',
} as const satisfies Partial<ClientRegistration>;

/**
 * Runs what a service does in a transaction, and records its locks among what else happens. Administrators must not use
 * the connections of logins.
 */
export const databaseThat = (events: unknown[][]): Database => {
  const lock = (name: string) => Promise.resolve(void events.push(['lock', name]));
  const transaction = <T>(work: (tx: Transaction) => Promise<T>, workClass?: WorkClass) => {
    expect(workClass).toBe('administration');
    return work({ lock } as unknown as Transaction);
  };
  return { transaction } as unknown as Database;
};

/** A request that the guard library has admitted with this token, or without one where `null`. */
export async function callWith(
  token: Partial<AccessToken> | null,
  method: string,
  controller: object = class {},
): Promise<ExecutionContext> {
  const headers = { authorization: 'Bearer t' };
  const request = { id: 'request', remoteAddress: '192.0.2.1', method, url: '/', headers, rawHeaders: [] };
  const tokens = { getCached: () => token ?? undefined, lookUp: () => Promise.reject(new Error('none')) };
  const guard = new RequestAuthenticator(
    tokens as never,
    new Refusals(),
    {} as never,
    { requestUser: null } as never,
  );
  await guard.authenticate(request).catch(() => undefined);
  return {
    switchToHttp: () => ({ getRequest: () => request }),
    getClass: () => controller,
  } as unknown as ExecutionContext;
}

/** What a decorator injects into a parameter of a handler. */
export function valueOf<T>(decorator: ParameterDecorator): (context: ExecutionContext) => T {
  class Handlers {
    handle(): boolean {
      return true;
    }
  }
  decorator(Handlers.prototype, 'handle', 0);
  const parameters = Reflect.getMetadata(ROUTE_ARGS_METADATA, Handlers, 'handle') as object;
  const [{ factory }] = Object.values(parameters) as [
    { factory: (data: unknown, context: ExecutionContext) => T },
  ];
  return (context) => factory(undefined, context);
}

/** The status of a refusal, and the scopes that its challenge names, or the fields or else the code of a problem. */
export async function refusalOf(work: () => unknown): Promise<[number, unknown]> {
  let error: unknown = null;
  try {
    await work();
  } catch (reason) {
    error = reason;
  }
  if (error instanceof BearerError) {
    const challenge = error.challenge({ realm: 'r', resourceMetadata: null }) ?? '';
    return [error.getStatus(), /scope="([^"]*)"/.exec(challenge)?.[1]];
  }
  expect(error).toBeInstanceOf(Problem);
  const { status, code, errors } = (error as Problem).toResponse();
  return [status, errors?.map(({ field }) => field) ?? code];
}
