import { PasswordHasher } from '../../apps/authorization-server/src/passwords/password-hasher.js';
import type { Stack } from './stack.js';

/**
 * Makes `change` happen in the middle of the next login: after the user was read and the password found right, before
 * anything is stored. The hash is a real one; only the moment of its answer is held back.
 */
export function duringNextVerification(stack: Stack, change: () => Promise<unknown>): void {
  const hasher = stack.application.get(PasswordHasher);
  const verify = hasher.verify.bind(hasher);
  hasher.verify = async (hash, password, origin) => {
    hasher.verify = verify;
    const matches = await verify(hash, password, origin);
    await change();
    return matches;
  };
}
