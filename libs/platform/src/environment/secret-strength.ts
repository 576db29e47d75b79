/** Shortest client secret, in characters, that production accepts: 128 bits even as hexadecimal digits. */
const MIN_SECRET_LENGTH = 32;

const PLACEHOLDER = /demo-secret|change-?me|placeholder/i;

/**
 * A warning about a client secret with characters that RFC 6749 section 2.3.1 requires to be form-encoded in HTTP
 * Basic, which many clients do not do. `null` when there are none.
 */
export function secretEncodingWarning(secret: string): string | null {
  if (!/[+/=%]/.test(secret)) return null;
  return 'holds +, /, = or %, which many programs send wrongly encoded; one of openssl rand -hex 32 is safe';
}

/** Why a client secret is too weak for production, or `null`. */
export function secretWeakness(secret: string): string | null {
  if (secret.length < MIN_SECRET_LENGTH) return `is shorter than ${MIN_SECRET_LENGTH} characters`;
  if (PLACEHOLDER.test(secret) || new Set(secret).size < 8) return 'is a placeholder';
  return null;
}
