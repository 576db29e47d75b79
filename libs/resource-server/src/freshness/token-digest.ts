import { hash } from 'node:crypto';

/** The key of a token in memory: its SHA-256, so that a heap dump holds no bearer tokens. */
export function digestOf(token: string): string {
  return hash('sha256', token, 'base64');
}
