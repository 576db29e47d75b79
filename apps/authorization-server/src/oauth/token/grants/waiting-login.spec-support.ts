import type { WaitingLoginEntity } from '../../../waiting-logins/waiting-login.entity.js';
import type { FoundWaitingLogin } from '../../../waiting-logins/waiting-login-repository.js';
import type { PasskeyEntity } from '../../../second-factors/passkey.entity.js';
import type { ListedFactor, SecondFactors } from '../../../second-factors/second-factors.service.js';
import { ORDERS, STOCK } from './token-request.spec-support.js';

/** The database's clock when an attempt is read. */
export const NOW = 1_000_000;

/** An attempt of the client and the user of `token-request.spec-support.ts` that waits for a second factor. */
function anAttempt(overrides: Partial<WaitingLoginEntity> = {}): WaitingLoginEntity {
  return {
    id: 'the-attempt',
    clientKey: 1,
    clientEpoch: 3,
    userKey: 2,
    userEpoch: 5,
    scope: 'read write',
    audience: `${ORDERS} ${STOCK}`,
    address: '203.0.113.7',
    acr: null,
    seed: Buffer.alloc(16),
    generation: 0,
    createdAt: NOW - 1000,
    expiresAt: NOW + 1,
    sid: null,
    answeredBy: null,
    answeredAt: null,
    challenge: null,
    challengeExpiresAt: null,
    ...overrides,
  };
}

export function aFound(
  attempt: Partial<WaitingLoginEntity> = {},
  others: Partial<FoundWaitingLogin> = {},
): FoundWaitingLogin {
  return { attempt: anAttempt(attempt), liveSub: 'the-sub', clientId: 'shop', now: NOW, ...others };
}

export function aPasskey(overrides: Partial<PasskeyEntity> = {}): PasskeyEntity {
  return { id: 'a-passkey', backupEligible: false, ...overrides } as PasskeyEntity;
}

/** @param confirmed whether logins can require them */
export function someFactors(
  { totp = false, email = false, passkey = false }: Partial<Record<'totp' | 'email' | 'passkey', boolean>>,
  confirmed = true,
): SecondFactors {
  const confirmedAt = confirmed ? NOW - 1000 : null;
  const factors = [
    ...(totp ? [{ id: 'a-totp', type: 'totp', address: null, confirmedAt }] : []),
    ...(email ? [{ id: 'an-email', type: 'email_code', address: 'a***@example.com', confirmedAt }] : []),
  ];
  return {
    factors: factors as ListedFactor[],
    passkeys: passkey ? [aPasskey()] : [],
    recoveryCodes: 0,
  };
}
