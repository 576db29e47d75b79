import { INTEGER, listOf, named, objectSchema, oneOf, TEXT, type TypeOf } from '@latchkey/platform/openapi';
import type { PasskeySettings } from '../config/authorization-server-config.js';
import type { PasskeyEntity } from './passkey.entity.js';
import { ALGORITHMS } from './passkey-verification.js';

/** How long a challenge is valid, in milliseconds: the user may have to fetch a telephone (WebAuthn section 15.1). */
export const CHALLENGE_LIFETIME_MS = 5 * 60_000;

/** WebAuthn section 5.8.3, as JSON. */
const DESCRIPTORS = listOf(objectSchema({ type: oneOf('public-key'), id: TEXT, transports: listOf(TEXT) }));

/** WebAuthn section 5.4, as JSON: for `PublicKeyCredential.parseCreationOptionsFromJSON()`. */
export const CREATION_OPTIONS = named(
  'PasskeyCreationOptions',
  objectSchema({
    rp: objectSchema({ id: TEXT, name: TEXT }),
    user: objectSchema({ id: TEXT, name: TEXT, displayName: TEXT }),
    challenge: TEXT,
    pubKeyCredParams: listOf(objectSchema({ type: oneOf('public-key'), alg: INTEGER })),
    timeout: INTEGER,
    excludeCredentials: DESCRIPTORS,
    authenticatorSelection: objectSchema({
      residentKey: oneOf('preferred'),
      userVerification: oneOf('required'),
    }),
    attestation: oneOf('none'),
  }),
);

/** WebAuthn section 5.5, as JSON: for `PublicKeyCredential.parseRequestOptionsFromJSON()`. */
export const REQUEST_OPTIONS = named(
  'PasskeyRequestOptions',
  objectSchema({
    rpId: TEXT,
    challenge: TEXT,
    timeout: INTEGER,
    allowCredentials: DESCRIPTORS,
    userVerification: oneOf('required'),
  }),
);

export type PasskeyRequestOptions = TypeOf<typeof REQUEST_OPTIONS>;

/** The owner of passkeys. */
export interface PasskeyUser {
  /** The same for all passkeys of a user, without information about the user (WebAuthn section 14.6.1). */
  readonly handle: Buffer;
  /** Helps the user to distinguish accounts. */
  readonly name: string;
}

/** The argument of `navigator.credentials.create()`. @param existing passkeys, whose authenticators are excluded */
export function creationOptions(
  { rpId }: PasskeySettings,
  { handle, name }: PasskeyUser,
  challenge: Buffer,
  existing: readonly PasskeyEntity[],
): TypeOf<typeof CREATION_OPTIONS> {
  return {
    rp: { id: rpId, name: rpId },
    user: { id: handle.toString('base64url'), name, displayName: name },
    challenge: challenge.toString('base64url'),
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    timeout: CHALLENGE_LIFETIME_MS,
    excludeCredentials: existing.map(descriptorOf),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    attestation: 'none',
  };
}

/** The argument of `navigator.credentials.get()`. */
export function requestOptions(
  { rpId }: PasskeySettings,
  challenge: Buffer,
  passkeys: readonly PasskeyEntity[],
): PasskeyRequestOptions {
  return {
    rpId,
    challenge: challenge.toString('base64url'),
    timeout: CHALLENGE_LIFETIME_MS,
    allowCredentials: passkeys.map(descriptorOf),
    userVerification: 'required',
  };
}

function descriptorOf({ credentialId, transports }: PasskeyEntity) {
  return {
    type: 'public-key' as const,
    id: credentialId.toString('base64url'),
    transports: transports.split(' ').filter(Boolean),
  };
}
