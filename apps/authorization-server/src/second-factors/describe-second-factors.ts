import {
  BOOLEAN,
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
import type { PasskeyEntity } from './passkey.entity.js';
import type { SecondFactorEntity } from './second-factor.entity.js';
import type { SecondFactors } from './second-factors.service.js';

/** A second factor, without its secret. */
export const SECOND_FACTOR = named(
  'SecondFactor',
  objectSchema(
    {
      id: TEXT,
      type: oneOf('totp', 'passkey'),
      // `pending` until a code of it was shown.
      state: oneOf('pending', 'active'),
      created_at: TIMESTAMP,
      last_used_at: nullable(TIMESTAMP),
    },
    // Of a passkey: whether it was on more than one device when it was last used.
    { backed_up: BOOLEAN },
  ),
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
  passkeys,
  recoveryCodes,
}: SecondFactors): TypeOf<typeof SECOND_FACTORS> {
  const data = [
    ...factors.map((factor) => ({
      ...toResponse(factor, factor.type),
      state: factor.confirmedAt === null ? ('pending' as const) : ('active' as const),
    })),
    ...passkeys.map((passkey) => ({ ...toResponse(passkey, 'passkey'), backed_up: passkey.backedUp })),
  ];
  return { data, recovery_codes: recoveryCodes };
}

function toResponse<const T extends 'totp' | 'passkey'>(
  { id, createdAt, lastUsedAt }: SecondFactorEntity | PasskeyEntity,
  type: T,
) {
  return {
    id,
    type,
    state: 'active' as const,
    created_at: new Date(createdAt).toISOString(),
    last_used_at: lastUsedAt === null ? null : new Date(lastUsedAt).toISOString(),
  };
}
