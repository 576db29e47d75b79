import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { PasskeySettings } from '../config/authorization-server-config.js';
import type { PasskeyEntity } from './passkey.entity.js';

/** COSE: EdDSA, ES256 and RS256. All replicas support them, whatever their version of Node.js. */
export const ALGORITHMS: readonly number[] = [-8, -7, -257];

const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const;

/** WebAuthn section 4, "credential id". */
const MAX_CREDENTIAL_ID_BYTES = 1023;

/** An RSA key of 4096 bits has about 530 bytes. */
const MAX_PUBLIC_KEY_BYTES = 1024;

/**
 * Maximum characters of each text in a response; honest texts are ten times shorter. Parsing longer CBOR would block
 * the event loop for a quarter of a second.
 */
const MAX_TEXT_LENGTH = 8192;

/** The data of a passkey at its registration. */
type NewPasskey = Pick<
  PasskeyEntity,
  'credentialId' | 'publicKey' | 'signCount' | 'backupEligible' | 'backedUp' | 'transports'
>;

/** The data of a passkey that an assertion updates. */
export type PasskeyUse = Pick<PasskeyEntity, 'signCount' | 'backedUp'>;

/**
 * Registers a new credential (WebAuthn section 7.1), with user verification and without attestation.
 *
 * @param credential what a client sent, not validated
 * @returns `null` for anything that is not a registration for this challenge
 */
export async function verifyRegistration(
  { rpId, origins }: PasskeySettings,
  challenge: Buffer,
  credential: unknown,
): Promise<NewPasskey | null> {
  const { verifyRegistrationResponse } = await library();
  const response = credential as RegistrationResponseJSON;
  return orNull(async () => {
    if (isTooLong(response.response)) return null;
    if (await isEmbedded(response.response.clientDataJSON)) return null;
    if (await isAttested(response.response.attestationObject)) return null;
    const { registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge.toString('base64url'),
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...ALGORITHMS],
    });
    if (registrationInfo === undefined) return null;
    const { credential: made, credentialDeviceType, credentialBackedUp } = registrationInfo;
    const credentialId = Buffer.from(made.id, 'base64url');
    if (made.id !== response.id || credentialId.length > MAX_CREDENTIAL_ID_BYTES) return null;
    if (made.publicKey.length > MAX_PUBLIC_KEY_BYTES) return null;
    return {
      credentialId,
      publicKey: Buffer.from(made.publicKey),
      signCount: made.counter,
      backupEligible: credentialDeviceType === 'multiDevice',
      backedUp: credentialBackedUp,
      transports: TRANSPORTS.filter((name) => made.transports?.includes(name)).join(' '),
    };
  });
}

/** The passkey that an assertion names. @param credential what a client sent, not validated */
export function findAsserted(
  passkeys: readonly PasskeyEntity[],
  credential: unknown,
): PasskeyEntity | undefined {
  const { id } = (credential ?? {}) as Partial<AuthenticationResponseJSON>;
  return passkeys.find(({ credentialId }) => credentialId.toString('base64url') === id);
}

/**
 * Verifies an assertion (WebAuthn section 7.2), with user verification; except the counter, which is compared in the
 * statement that stores it.
 *
 * @param credential what a client sent, not validated
 * @returns `null` for anything that this passkey has not signed for this challenge
 */
export async function verifyAssertion(
  { rpId, origins }: PasskeySettings,
  challenge: Buffer,
  handle: Buffer,
  { credentialId, publicKey, backupEligible }: PasskeyEntity,
  credential: unknown,
): Promise<PasskeyUse | null> {
  const { verifyAuthenticationResponse } = await library();
  const response = credential as AuthenticationResponseJSON;
  return orNull(async () => {
    if (isTooLong(response.response)) return null;
    const { clientDataJSON, userHandle } = response.response;
    if (await isEmbedded(clientDataJSON)) return null;
    // Security keys omit it.
    if (userHandle && userHandle !== handle.toString('base64url')) return null;
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge.toString('base64url'),
      expectedOrigin: [...origins],
      expectedRPID: rpId,
      requireUserVerification: true,
      credential: {
        id: credentialId.toString('base64url'),
        publicKey: new Uint8Array(publicKey),
        // With 0 the library does not check the counter: its error would look like that of a forged assertion.
        counter: 0,
      },
    });
    const { newCounter, credentialDeviceType, credentialBackedUp } = authenticationInfo;
    if (!verified || (credentialDeviceType === 'multiDevice') !== backupEligible) return null;
    return { signCount: newCounter, backedUp: credentialBackedUp };
  });
}

/** Loaded on first use: it takes a quarter of a second and 25 MB, and an installation may have no passkeys. */
const library = () => import('@simplewebauthn/server');
const helpers = () => import('@simplewebauthn/server/helpers');

function isTooLong(response: object): boolean {
  return Object.values(response).some((text) => typeof text === 'string' && text.length > MAX_TEXT_LENGTH);
}

/** Whether the page of another origin embeds the request: our pages are never embedded (WebAuthn section 13.4.2). */
async function isEmbedded(clientDataJson: string): Promise<boolean> {
  const { decodeClientDataJSON } = await helpers();
  const { crossOrigin = false } = decodeClientDataJSON(clientDataJson);
  return crossOrigin;
}

/**
 * We request no attestation, so an honest client sends none, or a self attestation. Any other one is refused unread:
 * for it the server would have to parse certificates, and fetch from addresses in them.
 */
async function isAttested(attestationObject: string): Promise<boolean> {
  const { decodeAttestationObject, isoBase64URL } = await helpers();
  const attestation = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject));
  const format = attestation.get('fmt');
  return format !== 'none' && !(format === 'packed' && attestation.get('attStmt').get('x5c') === undefined);
}

/** For malformed credentials the library throws errors of any kind: its own, and those of JavaScript. */
async function orNull<T>(verify: () => Promise<T | null>): Promise<T | null> {
  try {
    return await verify();
  } catch {
    return null;
  }
}
