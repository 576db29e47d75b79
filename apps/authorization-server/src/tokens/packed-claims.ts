import { idFromBytes, idToBytes } from '@latchkey/platform/database';
import type { AccessTokenClaims } from './access-token-claims.js';
import { ACR_PASSWORD, acrOf } from './authentication-context.js';

/**
 * The claims of an opaque token in less space than as an object: without claim names, with ids as bytes, and with the
 * times of login and expiry relative to `iat`. Some programs store tokens in places of about 500 characters, such as
 * the cache of mod_auth_openidc.
 */
type PackedClaims = readonly [
  iss: string,
  sub: string,
  aud: string | readonly string[],
  lifetime: number,
  iat: number,
  jti: string,
  clientId: string,
  scope: string,
  sid: string,
  age: number,
  clientEpoch: number,
  /** `null`: no resource owner. */
  userEpoch: number | null,
  /** Absent: only a password, or no resource owner. */
  amr?: string,
];

export function packClaims(claims: AccessTokenClaims): string {
  const always = [
    claims.iss,
    claims.sub,
    claims.aud,
    claims.exp - claims.iat,
    claims.iat,
    packId(claims.jti),
    claims.client_id,
    claims.scope,
    packId(claims.sid),
    claims.iat - claims.auth_time,
    claims.client_epoch,
    claims.user_epoch ?? null,
  ] as const;
  const packed: PackedClaims =
    claims.acr !== ACR_PASSWORD && claims.amr !== undefined ? [...always, claims.amr.join(' ')] : always;
  return JSON.stringify(packed);
}

/** @param text the sealed text from {@link packClaims}, or from an earlier version an object with all names */
export function unpackClaims(text: string): AccessTokenClaims {
  const content = JSON.parse(text) as PackedClaims | AccessTokenClaims;
  if (!isPacked(content)) return content;
  const [iss, sub, aud, lifetime, iat, jti, clientId, scope, sid, age, clientEpoch, userEpoch, amr] = content;
  return {
    iss,
    sub,
    aud,
    exp: iat + lifetime,
    iat,
    jti: unpackId(jti),
    client_id: clientId,
    scope,
    sid: unpackId(sid),
    auth_time: iat - age,
    client_epoch: clientEpoch,
    ...(userEpoch !== null && ownerClaims(userEpoch, amr?.split(' ') ?? ['pwd'])),
  };
}

function ownerClaims(userEpoch: number, amr: readonly string[]) {
  return { user_epoch: userEpoch, amr, acr: acrOf(amr) };
}

function isPacked(content: PackedClaims | AccessTokenClaims): content is PackedClaims {
  return Array.isArray(content);
}

function packId(id: string): string {
  return idToBytes(id).toString('base64url');
}

function unpackId(packed: string): string {
  return idFromBytes(Buffer.from(packed, 'base64url'));
}
