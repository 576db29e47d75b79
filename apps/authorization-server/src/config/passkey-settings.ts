import { isIP } from 'node:net';
import type { EnvironmentReader } from '@latchkey/platform/environment';
import type { PasskeySettings } from './authorization-server-config.js';

const RP_ID = 'PASSKEY_RP_ID';
const ORIGINS = 'PASSKEY_ORIGINS';

/** The origin of an Android application: the SHA-256 of its signing certificate, as base64url. */
const ANDROID_APPLICATION = /^android:apk-key-hash:[\w-]{43}$/;

/** @returns `null` when passkeys are impossible, because the issuer's host is an IP address */
export function readPasskeySettings(reader: EnvironmentReader, issuer: string): PasskeySettings | null {
  const { hostname = '', origin = '' } = URL.canParse(issuer) ? new URL(issuer) : {};
  if (hostname === '' || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) {
    for (const name of [RP_ID, ORIGINS]) {
      if (reader.optional(name) !== null) reader.problem(name, 'needs an ISSUER whose host is a domain name');
    }
    return null;
  }
  const rpId = reader.optional(RP_ID) ?? hostname;
  if (!isDomainOf(rpId, hostname)) {
    reader.problem(
      RP_ID,
      'must be the host of ISSUER or a parent domain of it with a dot, without a scheme and a port',
    );
  }
  const origins = (reader.optional(ORIGINS) ?? origin).split(',').map((text) => text.trim());
  if (reader.optional(ORIGINS) !== null && !origins.every((text) => isOriginOf(text, rpId))) {
    reader.problem(
      ORIGINS,
      `must be a comma-separated list of https origins on ${RP_ID} or below it, such as https://shop.example.com, and of android:apk-key-hash:HASH; http only for localhost`,
    );
  }
  return { rpId, origins };
}

/** A parent domain with a dot, or the host itself (WebAuthn section 5.1.2, "registrable domain suffix"). */
function isDomainOf(rpId: string, host: string): boolean {
  return rpId === host || (rpId.includes('.') && host.endsWith(`.${rpId}`));
}

function isOriginOf(text: string, rpId: string): boolean {
  if (ANDROID_APPLICATION.test(text)) return true;
  if (!URL.canParse(text)) return false;
  const { origin, protocol, hostname } = new URL(text);
  if (origin !== text || (hostname !== rpId && !hostname.endsWith(`.${rpId}`))) return false;
  return protocol === 'https:' || (protocol === 'http:' && /(^|\.)localhost$/.test(hostname));
}
