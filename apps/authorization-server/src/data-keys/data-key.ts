import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '@latchkey/contracts';

/** `signing`: JWT access tokens; `sealing`: opaque access tokens; `refresh`: the MAC of refresh tokens. */
export const ROTATING_PURPOSES = ['signing', 'sealing', 'refresh'] as const;

export type RotatingPurpose = (typeof ROTATING_PURPOSES)[number];

/**
 * The purpose of a stored key. `signing` is for ES256 only, because an earlier version, which knows no other algorithm,
 * may run beside this one. `digest` is for keyed hashes that are compared later; it never rotates, because the hashes
 * would no longer match.
 */
export type DataKeyPurpose = RotatingPurpose | 'signing-rs256' | 'digest';

/** The purpose of a signing key determines its algorithm, whatever a token declares. */
export const SIGNING_PURPOSES: Record<SigningAlgorithm, DataKeyPurpose> = {
  ES256: 'signing',
  RS256: 'signing-rs256',
};

const STORED_PURPOSES: Record<RotatingPurpose, readonly DataKeyPurpose[]> = {
  signing: SIGNING_ALGORITHMS.map((algorithm) => SIGNING_PURPOSES[algorithm]),
  sealing: ['sealing'],
  refresh: ['refresh'],
};

/** Keys of one purpose rotate together, whatever their algorithm. */
export function storedPurposesOf(purpose: RotatingPurpose): readonly DataKeyPurpose[] {
  return STORED_PURPOSES[purpose];
}

/** @returns `null` for keys that sign no tokens */
export function signingAlgorithmOf(purpose: DataKeyPurpose): SigningAlgorithm | null {
  return SIGNING_ALGORITHMS.find((algorithm) => SIGNING_PURPOSES[algorithm] === purpose) ?? null;
}

/**
 * New tokens use the active key; a retired one still verifies; the next one is published before it is used. A revoked
 * key is kept for the record only, and everything that was made with it is invalid.
 */
export type DataKeyState = 'next' | 'active' | 'retired' | 'revoked';

export const KID_BYTES = 8;

const RSA = { modulusLength: 2048 };

const generateRsa = promisify(generateKeyPair);

export interface DataKey {
  /** base64url of eight random bytes. */
  readonly kid: string;
  readonly purpose: DataKeyPurpose;
  readonly state: DataKeyState;
  /** 32 random bytes, or the PKCS #8 form of a private key: P-256, or RSA of 2048 bits. */
  readonly material: Buffer;
}

export interface SigningKey {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly state: DataKeyState;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function newDataKey(
  purpose: DataKeyPurpose,
  state: DataKeyState,
  material = newMaterial(signingAlgorithmOf(purpose)),
): DataKey {
  return { kid: randomBytes(KID_BYTES).toString('base64url'), purpose, state, material };
}

/** Creates keys before the transaction that stores them: an RSA key takes some tenths of a second. */
export function makeDataKeys(
  wanted: readonly (readonly [DataKeyPurpose, DataKeyState])[],
): Promise<DataKey[]> {
  return Promise.all(
    wanted.map(async ([purpose, state]) =>
      signingAlgorithmOf(purpose) === 'RS256'
        ? newDataKey(purpose, state, exported((await generateRsa('rsa', RSA)).privateKey))
        : newDataKey(purpose, state),
    ),
  );
}

/** @throws TypeError for a key that signs no tokens */
export function toSigningKey({ kid, purpose, state, material }: DataKey): SigningKey {
  const algorithm = signingAlgorithmOf(purpose);
  if (algorithm === null) throw new TypeError(`A ${purpose} key signs no tokens`);
  const privateKey = createPrivateKey({ key: material, format: 'der', type: 'pkcs8' });
  return { kid, algorithm, state, privateKey, publicKey: createPublicKey(privateKey) };
}

/** The context that a wrapped key is bound to, so that no row can replace another. */
export function wrappingContext(kid: string, purpose: string): string {
  return `latchkey data key ${purpose} ${kid}`;
}

function newMaterial(algorithm: SigningAlgorithm | null): Buffer {
  if (algorithm === null) return randomBytes(32);
  const { privateKey } =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', RSA);
  return exported(privateKey);
}

function exported(privateKey: KeyObject): Buffer {
  return privateKey.export({ format: 'der', type: 'pkcs8' });
}
