import { hash } from 'node:crypto';

/** The cache key of a token: its SHA-256, so that a heap dump contains no bearer tokens. */
export function digestOf(token: string): string {
  return hash('sha256', token, 'base64');
}
