import { randomBytes } from 'node:crypto';
import { secretEncodingWarning, secretWeakness } from '@latchkey/platform/environment';
import { hashClientSecret } from '../clients/client-secret-hash.js';
import { Problem } from './problem.js';

const SECRET_BYTES = 32;

interface NewSecret {
  readonly hash: string;
  /** For the response: a generated secret, shown once, or a warning about a secret that was given. */
  readonly answer: { readonly client_secret?: string; readonly warnings?: string[] };
}

interface GivenSecret {
  client_secret?: string;
  client_secret_hash?: string;
}

/**
 * The secret that a request gives, or a new one of 256 random bits.
 *
 * @param production whether weak secrets are refused
 * @throws Problem
 */
export function newSecret(
  { client_secret: secret, client_secret_hash: hash }: GivenSecret,
  production: boolean,
): NewSecret {
  if (secret !== undefined && hash !== undefined) {
    throw Problem.invalid([
      { field: 'client_secret', problem: 'cannot be combined with client_secret_hash' },
    ]);
  }
  if (hash !== undefined) return { hash, answer: {} };
  if (secret === undefined) {
    const generated = randomBytes(SECRET_BYTES).toString('base64url');
    return { hash: hashClientSecret(generated), answer: { client_secret: generated } };
  }
  const weakness = production ? secretWeakness(secret) : null;
  if (weakness !== null) throw Problem.invalid([{ field: 'client_secret', problem: weakness }]);
  const warning = secretEncodingWarning(secret);
  return {
    hash: hashClientSecret(secret),
    answer: warning === null ? {} : { warnings: [`client_secret ${warning}`] },
  };
}
