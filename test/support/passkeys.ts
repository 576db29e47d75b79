import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { expect } from '@jest/globals';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import {
  AuthenticatorEmulator,
  PasskeysCredentialsMemoryRepository,
  WebAuthnEmulator,
} from 'nid-webauthn-emulator';
import { API, SHOP, type Configuration } from './builders.js';
import { expectTokens } from './expectations.js';
import { postForm, type Answer } from './http.js';
import { account, passwordOnly, withAccounts, type Owner } from './second-factors.js';
import type { Stack } from './stack.js';

export const PASSKEY = 'urn:latchkey:grant-type:mfa-passkey';

/** A page of the shop asks for passkeys, and an application on Android does. */
export const RP_ID = 'example.com';
export const ORIGIN = 'https://shop.example.com';
export const ANDROID = `android:apk-key-hash:${'A'.repeat(43)}`;
const ISSUER = 'https://login.example.com';

/** Of a server whose users may have passkeys; it is reached at its own address all the same. */
export const WITH_PASSKEYS = { ISSUER, PASSKEY_RP_ID: RP_ID, PASSKEY_ORIGINS: `${ORIGIN}, ${ANDROID}` };

export function withPasskeys(client: Record<string, unknown> = {}): Configuration {
  return withAccounts({ audience: [ISSUER, API], ...client })(ISSUER);
}

export interface CreationOptions {
  challenge: string;
  rp: { id: string };
  user: { id: string; name: string };
  excludeCredentials: { id: string }[];
}

export interface RequestOptions {
  challenge: string;
  rpId: string;
  allowCredentials: { id: string }[];
}

/** What an authenticator answers, or an attacker in its name. */
export type Credential = { id: string; response: Record<string, unknown> } & Record<string, unknown>;

/** A browser with an authenticator that copies its passkeys to other devices, as those of telephones do. */
export function aBrowser(parameters: ConstructorParameters<typeof AuthenticatorEmulator>[0] = {}) {
  const credentialsRepository = new PasskeysCredentialsMemoryRepository();
  return new WebAuthnEmulator(new AuthenticatorEmulator({ credentialsRepository, ...parameters }));
}

/** A token with which an owner may change second factors. */
export async function accountToken(
  stack: Stack,
  owner: Owner,
  form: Record<string, string> = {},
): Promise<string> {
  return expectTokens(await stack.login(owner, { scope: 'account', ...form })).access_token;
}

export async function beginPasskey(stack: Stack, token: string): Promise<CreationOptions> {
  const { status, json } = await account(stack, 'POST', '/passkeys/options', token);
  expect(status).toBe(200);
  return (json as { public_key: CreationOptions }).public_key;
}

export function addPasskey(stack: Stack, token: string, credential: unknown): Promise<Answer> {
  return account(stack, 'POST', '/passkeys', token, { credential });
}

/** Logs in and adds a passkey. @returns its id */
export async function enrolPasskey(
  stack: Stack,
  owner: Owner,
  make: (options: CreationOptions) => unknown,
): Promise<string> {
  const token = await accountToken(stack, owner);
  const added = await addPasskey(stack, token, make(await beginPasskey(stack, token)));
  expect(added).toMatchObject({ status: 201, json: { type: 'passkey', state: 'active' } });
  return (added.json as { id: string }).id;
}

/** What the passkey has to sign, for a login that waits. */
export async function challengePasskey(stack: Stack, mfaToken: string): Promise<RequestOptions> {
  const form = { mfa_token: mfaToken, challenge_type: 'passkey' };
  const { status, json } = await postForm(`${stack.issuer}/oauth/mfa/challenge`, form, SHOP);
  expect(status).toBe(200);
  return (json as { public_key: RequestOptions }).public_key;
}

export function showPasskey(stack: Stack, mfaToken: string, credential: unknown): Promise<Answer> {
  const text = typeof credential === 'string' ? credential : JSON.stringify(credential);
  return stack.token({ grant_type: PASSKEY, mfa_token: mfaToken, credential: text }, SHOP);
}

/** Bits of the flags of authenticator data (WebAuthn section 6.1). */
export const FLAGS = { present: 1, verified: 4, backupEligible: 8, backedUp: 16, attested: 64 };

/** What of an answer is to differ from what an honest authenticator of one device gives. */
export interface Forgery {
  readonly type?: string;
  readonly challenge?: string;
  readonly origin?: string;
  readonly crossOrigin?: boolean;
  readonly rpId?: string;
  /** Sum of {@link FLAGS}, without `attested`. */
  readonly flags?: number;
  readonly counter?: number;
  readonly userHandle?: string;
  /** Behind the authenticator data. */
  readonly appended?: Buffer;
  readonly attestation?: { readonly fmt: string; readonly attStmt: Map<string, unknown> };
}

/** An authenticator of one device, whose every part can be wrong. */
export class ForgingAuthenticator {
  readonly id = randomBytes(32).toString('base64url');
  readonly #publicKey: KeyObject;
  readonly #privateKey: KeyObject;
  #counter = 0;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#publicKey = publicKey;
    this.#privateKey = privateKey;
  }

  create({ challenge, rp: { id: rpId } }: CreationOptions, forgery: Forgery = {}): Credential {
    const { fmt, attStmt } = forgery.attestation ?? { fmt: 'none', attStmt: new Map() };
    const authData = this.#data({ rpId, ...forgery }, FLAGS.attested, this.#attestedData());
    const attestationObject = isoCBOR.encode(
      new Map<string, never>(Object.entries({ fmt, attStmt, authData }) as [string, never][]),
    );
    return this.#credential(
      { type: 'webauthn.create', challenge, ...forgery },
      {
        attestationObject: Buffer.from(attestationObject).toString('base64url'),
        transports: ['usb', 'telepathy'],
      },
    );
  }

  get({ challenge, rpId }: RequestOptions, forgery: Forgery = {}): Credential {
    const data = this.#data({ rpId, counter: ++this.#counter, ...forgery }, 0, Buffer.alloc(0));
    const answer = this.#credential({ type: 'webauthn.get', challenge, ...forgery }, {});
    const clientData = Buffer.from(String(answer.response.clientDataJSON), 'base64url');
    const signature = sign('sha256', Buffer.concat([data, sha256(clientData)]), this.#privateKey);
    const { userHandle } = forgery;
    return {
      ...answer,
      response: {
        ...answer.response,
        authenticatorData: data.toString('base64url'),
        signature: signature.toString('base64url'),
        ...(userHandle !== undefined && { userHandle }),
      },
    };
  }

  #credential(
    { type, challenge, origin = ORIGIN, crossOrigin = false }: Forgery,
    response: Record<string, unknown>,
  ): Credential {
    const clientData = Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin }));
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      response: { clientDataJSON: clientData.toString('base64url'), ...response },
      clientExtensionResults: {},
    };
  }

  #data(forgery: Forgery, added: number, attested: Buffer): Buffer {
    const { rpId = '', flags = FLAGS.present + FLAGS.verified, counter = 0, appended } = forgery;
    const head = Buffer.alloc(5);
    head.writeUInt8(flags + added);
    head.writeUInt32BE(counter, 1);
    return Buffer.concat([sha256(Buffer.from(rpId)), head, attested, appended ?? Buffer.alloc(0)]);
  }

  /** WebAuthn section 6.5.1: AAGUID, id and COSE key. */
  #attestedData(): Buffer {
    const id = Buffer.from(this.id, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const { x = '', y = '' } = this.#publicKey.export({ format: 'jwk' });
    const coordinate = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
    const key = new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, coordinate(x)],
      [-3, coordinate(y)],
    ]);
    return Buffer.concat([Buffer.alloc(16), length, id, isoCBOR.encode(key)]);
  }
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** Logs in as far as the passkey, and says how to go on. */
export async function waitForPasskey(stack: Stack, owner: Owner) {
  const { mfa_token: token } = await passwordOnly(stack, owner);
  const options = await challengePasskey(stack, token);
  return { token, options, show: (credential: unknown) => showPasskey(stack, token, credential) };
}
