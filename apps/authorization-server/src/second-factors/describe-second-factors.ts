import {
  listOf,
  named,
  nullable,
  objectSchema,
  INTEGER,
  oneOf,
  TEXT,
  TIMESTAMP,
  type TypeOf,
} from '@latchkey/platform/openapi';
import type { SecondFactorEntity } from './second-factor.entity.js';
import type { SecondFactors } from './second-factors.service.js';

/** A second factor, without its secret. */
export const SECOND_FACTOR = named(
  'SecondFactor',
  objectSchema({
    id: TEXT,
    type: oneOf('totp'),
    // `pending` until a code of it was shown.
    state: oneOf('pending', 'active'),
    created_at: TIMESTAMP,
    last_used_at: nullable(TIMESTAMP),
  }),
);

/** A new TOTP secret, shown once. */
export const NEW_FACTOR = objectSchema({
  id: TEXT,
  type: oneOf('totp'),
  state: oneOf('pending'),
  secret: TEXT,
  otpauth_uri: TEXT,
});

export const CONFIRMED_FACTOR = objectSchema({ id: TEXT, type: oneOf('totp'), state: oneOf('active') });

/** `recovery_codes` are left. */
export const SECOND_FACTORS = objectSchema({ data: listOf(SECOND_FACTOR), recovery_codes: INTEGER });

export function toSecondFactorsResponse({
  factors,
  recoveryCodes,
}: SecondFactors): TypeOf<typeof SECOND_FACTORS> {
  return { data: factors.map(toResponse), recovery_codes: recoveryCodes };
}

function toResponse(factor: SecondFactorEntity): TypeOf<typeof SECOND_FACTOR> {
  const { id, type, confirmedAt, createdAt, lastUsedAt } = factor;
  return {
    id,
    type,
    state: confirmedAt === null ? 'pending' : 'active',
    created_at: new Date(createdAt).toISOString(),
    last_used_at: lastUsedAt === null ? null : new Date(lastUsedAt).toISOString(),
  };
}
