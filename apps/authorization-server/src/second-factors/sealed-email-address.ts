import type { StoredSecrets } from '../data-keys/stored-secrets.js';

/** Separates sealed addresses from other sealed secrets. */
const EMAIL_ADDRESS = 'e-mail address';

/** @param id of the factor */
export function sealAddress(secrets: StoredSecrets, id: string, address: string): Buffer {
  return secrets.seal(EMAIL_ADDRESS, Buffer.from(address), id);
}

export function unsealAddress(secrets: StoredSecrets, id: string, sealed: Buffer): string {
  return secrets.unseal(EMAIL_ADDRESS, sealed, id).toString();
}

/**
 * Masks an address for people who may not be its owner: the first characters of both parts, and a fixed number of
 * stars, so that the length is not revealed.
 */
export function maskEmailAddress(address: string): string {
  const [local = '', domain = ''] = address.split('@');
  return `${local.slice(0, 1)}***@${domain.slice(0, 1)}***`;
}

/** Identifies a mailbox: most servers deliver `erin+shop@example.com` to `erin@example.com`, and all ignore case. */
export function mailboxOf(address: string): string {
  const [local = '', domain = ''] = address.toLowerCase().split('@');
  return `${local.split('+')[0]}@${domain}`;
}
