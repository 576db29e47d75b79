import { setImmediate as nextTurn } from 'node:timers/promises';
import { ScopeSet, type TokenResponse } from '@latchkey/contracts';
import type { NewAuthorization } from '../../../authorizations/authorization-repository.js';
import type { Client } from '../../../clients/client.js';
import type { Reservation } from '../../../throttling/login-reservation.js';
import type { RefreshTokens } from '../../../tokens/refresh-tokens.js';
import type { TokenIssuer } from '../../../tokens/token-issuer.js';
import type { User } from '../../../users/user.js';
import { FormParameters } from '../../common/form-parameters.js';
import type { TokenRequest } from './grant-handler.js';
import { OwnerTokens } from './owner-tokens.js';

export const ORDERS = 'https://orders.example.com/';
export const STOCK = 'https://stock.example.com/';

/** Of a place in the throttle; what is in it does not matter here. */
export const RESERVATION = { known: false } as Reservation;

export const CONTEXT = {
  requestId: 'r',
  address: '192.0.2.1',
  forwardedFor: null,
  device: null,
  arrivedAt: 17,
} as const;

/** The source of a login in {@link CONTEXT} through {@link aClient}. */
export const SOURCE = {
  address: null,
  device: null,
  flow: { client: 'client shop', source: CONTEXT.address },
};

/** A client that may use every grant for two scopes and two resource servers. */
export function aClient(overrides: Partial<Client> = {}): Client {
  return {
    key: 1,
    clientId: 'shop',
    clientType: 'confidential',
    epoch: 3,
    enabled: true,
    grantTypes: new Set(['password', 'refresh_token', 'client_credentials']),
    scope: ScopeSet.parse('read write account'),
    defaultScope: ScopeSet.parse('read write'),
    audience: [ORDERS, STOCK],
    accessTokenTtl: 300,
    refreshTokenPolicy: 'rotate',
    refreshTokenTtl: 3600,
    passwordGrantUntil: null,
    forwardsEndUserAddress: false,
    secondFactor: null,
    secondFactorFrom: null,
    ...overrides,
  } as Client;
}

/** A user without a second factor and without a rule. */
export function aUser(overrides: Partial<User> = {}): User {
  return {
    key: 2,
    sub: 'the-sub',
    username: 'alice',
    epoch: 5,
    enabled: true,
    groups: [],
    allowedScope: null,
    passwordChangeRequired: false,
    hasSecondFactor: false,
    secondFactor: null,
    secondFactorFrom: null,
    ...overrides,
  } as User;
}

/** @param form in `application/x-www-form-urlencoded` */
export function aRequest(form: string, client = aClient(), context: Partial<TokenRequest['context']> = {}) {
  return {
    client,
    parameters: FormParameters.parse(Buffer.from(form)),
    context: { ...CONTEXT, ...context },
    headers: new Map<string, string>(),
  } satisfies TokenRequest;
}

/** What the stand-in of the issuer returns. */
export const TOKENS: TokenResponse = {
  access_token: 'a',
  token_type: 'Bearer',
  expires_in: 300,
  scope: 'read',
};

export const SEED = Buffer.from('a seed');

/** The real preparation of tokens. @param issued receives what tokens are issued for */
export function ownerTokens(issued: (tokens: Parameters<TokenIssuer['issue']>[0]) => void): OwnerTokens {
  const refreshTokens = { newSeed: () => SEED, create: () => 'a refresh token' } as Partial<RefreshTokens>;
  const issue = (tokens: Parameters<TokenIssuer['issue']>[0]) => {
    issued(tokens);
    return TOKENS;
  };
  return new OwnerTokens(refreshTokens as RefreshTokens, { issue } as TokenIssuer);
}

/** An authorization as the recorder stores it. */
export function storedAuthorization(login: NewAuthorization) {
  const unused = { generation: 0, rotatedAt: null, rotatedFrom: null, retries: 0, revokedAt: null };
  return { ...login, ...unused, id: 'the-sid', createdAt: 1000, expiresAt: 1000 + login.lifetime * 1000 };
}

/** Records an event so late that a caller that does not wait for it goes on without it. */
export async function recordLater(events: unknown[][], event: unknown[]): Promise<void> {
  await nextTurn();
  events.push(event);
}
