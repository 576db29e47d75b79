import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

/** `signing`: JWT access tokens; `sealing`: opaque access tokens; `refresh`: the MAC of refresh tokens. */
export const ROTATING_PURPOSES = ['signing', 'sealing', 'refresh'] as const;

export type RotatingPurpose = (typeof ROTATING_PURPOSES)[number];

/** `digest`: keyed hashes of what must be recognised later; it never rotates, or nothing would be recognised. */
export type DataKeyPurpose = RotatingPurpose | 'digest';

/**
 * New tokens use the active key; a retired one still verifies; the next one is published before it is used. A revoked
 * one is kept for the record only: whatever it made is good no more.
 */
export type DataKeyState = 'next' | 'active' | 'retired' | 'revoked';

export const KID_BYTES = 8;

export interface DataKey {
  /** base64url of eight random bytes. */
  readonly kid: string;
  readonly purpose: DataKeyPurpose;
  readonly state: DataKeyState;
  /** 32 random bytes, or the PKCS #8 form of a P-256 private key. */
  readonly material: Buffer;
}

export interface SigningKey {
  readonly kid: string;
  readonly state: DataKeyState;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function newDataKey(purpose: DataKeyPurpose, state: DataKeyState): DataKey {
  return {
    kid: randomBytes(KID_BYTES).toString('base64url'),
    purpose,
    state,
    material: purpose === 'signing' ? newSigningMaterial() : randomBytes(32),
  };
}

export function toSigningKey({ kid, state, material }: DataKey): SigningKey {
  const privateKey = createPrivateKey({ key: material, format: 'der', type: 'pkcs8' });
  return { kid, state, privateKey, publicKey: createPublicKey(privateKey) };
}

/** What a wrapped key is bound to, so that no row can stand in for another. */
export function wrappingContext(kid: string, purpose: string): string {
  return `latchkey data key ${purpose} ${kid}`;
}

function newSigningMaterial(): Buffer {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'der', type: 'pkcs8' });
}
