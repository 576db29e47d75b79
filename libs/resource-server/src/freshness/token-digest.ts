import { hash } from 'node:crypto';

/**
 * What a token is remembered by: its SHA-256, so that a heap dump holds no bearer tokens. As latin1, which is the
 * shortest and quickest to make; looking the token itself up in a map takes as long, because the map hashes it too.
 */
export function digestOf(token: string): string {
  return hash('sha256', token, 'latin1' as 'hex');
}

/** 32 bits of a digest. */
export function wordOf(digest: string, index: number): number {
  const at = index * 4;
  return (
    digest.charCodeAt(at) |
    (digest.charCodeAt(at + 1) << 8) |
    (digest.charCodeAt(at + 2) << 16) |
    (digest.charCodeAt(at + 3) << 24)
  );
}
