import { Injectable } from '@nestjs/common';
import { MAX_PASSWORD_BYTES } from './password-format.js';

/** Minimum number of characters that a password has beside a name that it contains. */
const MIN_REST = 8;

/** Shorter words are part of too many other words. */
const MIN_WORD = 4;

const SERVICE = 'latchkey';

/**
 * The rules for a new password, by NIST SP 800-63B-4 section 3.1.1.2: long enough, not commonly used, and no variant of
 * the user's or the service's name. There are no composition rules, and passwords do not expire.
 */
@Injectable()
export class PasswordPolicy {
  #commonPasswords: Promise<ReadonlySet<string>> | undefined;

  /** @param minLength in characters */
  constructor(private readonly minLength: number) {}

  /**
   * @param password normalised; `null`: it was too long or malformed
   * @param username canonical
   * @returns what is wrong with it, as a text that follows its name; `null`: nothing
   */
  async problemOf(password: string | null, username: string | null): Promise<string | null> {
    if (password === null) return `must be well-formed and at most ${MAX_PASSWORD_BYTES} bytes long`;
    // In code points, as the standard counts.
    if ([...password].length < this.minLength) return `must have at least ${this.minLength} characters`;
    const folded = password.toLowerCase();
    if (isVariantOf(folded, SERVICE)) return 'is too close to the name of the service';
    if (username !== null && isVariantOf(folded, username)) return 'is too close to the user name';
    return (await this.#common()).has(folded) ? 'is among the passwords that are commonly used' : null;
  }

  /** Some fifty thousand words, loaded when the first password is set. */
  #common(): Promise<ReadonlySet<string>> {
    this.#commonPasswords ??= import('@zxcvbn-ts/language-common').then(({ dictionary }) => {
      const words = dictionary['passwords-common'];
      return new Set(words.filter((word) => word.length >= this.minLength));
    });
    return this.#commonPasswords;
  }
}

function isVariantOf(password: string, word: string): boolean {
  if (word.length < MIN_WORD || !password.includes(word)) return false;
  return password.split(word).join('').length < MIN_REST;
}
