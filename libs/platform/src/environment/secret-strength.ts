/** Shortest client secret, in characters, that production accepts: 128 bits even as hexadecimal digits. */
export const MIN_SECRET_LENGTH = 32;

const PLACEHOLDER = /demo-secret|change-?me|placeholder/i;

/** What is wrong with a client secret for production, or `null`. */
export function secretWeakness(secret: string): string | null {
  if (secret.length < MIN_SECRET_LENGTH) return `is shorter than ${MIN_SECRET_LENGTH} characters`;
  if (PLACEHOLDER.test(secret) || new Set(secret).size < 8) return 'is a placeholder';
  return null;
}
