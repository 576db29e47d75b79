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
import type { ListedFactor, SecondFactors } from './second-factors.service.js';

/** A second factor, without its secret. */
const SECOND_FACTOR = named(
  'SecondFactor',
  objectSchema(
    {
      id: TEXT,
      type: oneOf('totp', 'passkey', 'email_code'),
      // `pending` until a code of it was shown.
      state: oneOf('pending', 'active'),
      created_at: TIMESTAMP,
      last_used_at: nullable(TIMESTAMP),
    },
    {
      // For a passkey: whether it was copied to more than one device at its last use.
      backed_up: BOOLEAN,
      // For `email_code`: the masked address.
      address: TEXT,
    },
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

/** A code was sent to the address, which is masked. It is valid for `expires_in` seconds. */
export const NEW_EMAIL_CODE = objectSchema({
  id: TEXT,
  type: oneOf('email_code'),
  state: oneOf('pending'),
  address: TEXT,
  expires_in: INTEGER,
});

export const CONFIRMED_FACTOR = objectSchema({
  id: TEXT,
  type: oneOf('totp', 'email_code'),
  state: oneOf('active'),
});

const LISTED = { data: listOf(SECOND_FACTOR), recovery_codes: INTEGER };

/** `recovery_codes` is the number of unused codes. */
export const SECOND_FACTORS = objectSchema(LISTED);

/** With the types that the user can add: `email_code` only if the server can send messages. */
export const OWN_SECOND_FACTORS = objectSchema({
  ...LISTED,
  types_supported: listOf(oneOf('totp', 'email_code')),
});

export function toSecondFactorsResponse({
  factors,
  passkeys,
  recoveryCodes,
}: SecondFactors): TypeOf<typeof SECOND_FACTORS> {
  const data = [
    ...factors.map((factor) => ({
      ...toResponse(factor, factor.type),
      ...(factor.address !== null && { address: factor.address }),
      state: factor.confirmedAt === null ? ('pending' as const) : ('active' as const),
    })),
    ...passkeys.map((passkey) => ({ ...toResponse(passkey, 'passkey'), backed_up: passkey.backedUp })),
  ];
  return { data, recovery_codes: recoveryCodes };
}

function toResponse<const T extends 'totp' | 'passkey' | 'email_code'>(
  { id, createdAt, lastUsedAt }: ListedFactor | PasskeyEntity,
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
