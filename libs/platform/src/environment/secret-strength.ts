/** Shortest client secret, in characters, that production accepts: 128 bits even as hexadecimal digits. */
export const MIN_SECRET_LENGTH = 32;

const PLACEHOLDER = /demo-secret|change-?me|placeholder/i;

/**
 * What a client secret must not hold if any client is to present it in HTTP Basic: RFC 6749 section 2.3.1 has it
 * form-encoded, which many clients do not do. `null` when nothing is wrong.
 */
export function secretEncodingWarning(secret: string): string | null {
  if (!/[+/=%]/.test(secret)) return null;
  return 'holds +, /, = or %, which many programs send wrongly encoded; one of openssl rand -hex 32 is safe';
}

/** What is wrong with a client secret for production, or `null`. */
export function secretWeakness(secret: string): string | null {
  if (secret.length < MIN_SECRET_LENGTH) return `is shorter than ${MIN_SECRET_LENGTH} characters`;
  if (PLACEHOLDER.test(secret) || new Set(secret).size < 8) return 'is a placeholder';
  return null;
}
