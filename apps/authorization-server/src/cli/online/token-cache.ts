import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Cli } from '../cli.js';
import { profilesPath, type Connection } from './connection.js';

export interface AccessToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** A token that expires sooner than this many milliseconds is no longer used. */
const MARGIN_MS = 20_000;

const SALT_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Caches access tokens of a connection between runs of the command line, by their scope. Each issued token is a row of
 * the audit log, and a script with many commands would otherwise fill it.
 *
 * They are stored beside the profiles, sealed with the client's secret: only the owner of the secret, who could get a
 * token anyway, can read them, and after a change of the secret they are unreadable. If they cannot be stored, each run
 * requests its own tokens without a message.
 */
export class TokenCache {
  readonly #path: string;

  constructor(
    environment: Cli['environment'],
    private readonly connection: Connection,
  ) {
    const { url, clientId } = connection;
    const name = createHash('sha256')
      .update(JSON.stringify([url, clientId]))
      .digest('hex')
      .slice(0, 32);
    this.#path = join(dirname(profilesPath(environment)), 'tokens', name);
  }

  get(scope: string): AccessToken | null {
    const stored = this.#read()[scope];
    return stored !== undefined && isUsable(stored) ? stored : null;
  }

  set(scope: string, token: AccessToken): void {
    const usable = Object.entries(this.#read()).filter(([, each]) => isUsable(each));
    const text = JSON.stringify({ ...Object.fromEntries(usable), [scope]: token });
    const temporary = `${this.#path}.${process.pid}`;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      writeFileSync(temporary, this.#seal(text), { mode: 0o600 });
      renameSync(temporary, this.#path);
    } catch {
      remove(temporary);
    }
  }

  clear(): void {
    remove(this.#path);
  }

  #read(): Readonly<Record<string, AccessToken>> {
    try {
      return JSON.parse(this.#open(readFileSync(this.#path))) as Record<string, AccessToken>;
    } catch {
      // There is no file, or it was sealed with another secret.
      return {};
    }
  }

  #seal(text: string): Buffer {
    const [salt, iv] = [randomBytes(SALT_BYTES), randomBytes(IV_BYTES)];
    const cipher = createCipheriv('aes-256-gcm', this.#key(salt), iv);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([salt, iv, cipher.getAuthTag(), sealed]);
  }

  /** @throws Error when it was sealed with another secret, or altered */
  #open(bytes: Buffer): string {
    const salt = bytes.subarray(0, SALT_BYTES);
    const iv = bytes.subarray(SALT_BYTES, SALT_BYTES + IV_BYTES);
    const body = bytes.subarray(SALT_BYTES + IV_BYTES);
    const cipher = createDecipheriv('aes-256-gcm', this.#key(salt), iv, { authTagLength: TAG_BYTES });
    cipher.setAuthTag(body.subarray(0, TAG_BYTES));
    return cipher.update(body.subarray(TAG_BYTES), undefined, 'utf8') + cipher.final('utf8');
  }

  #key(salt: Buffer): Buffer {
    return Buffer.from(hkdfSync('sha256', this.connection.clientSecret, salt, 'latchkey access tokens', 32));
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // If a refused token stays in the file, the next one replaces it.
  }
}

/** After the clock was set back, a token counts as unusable and not as long-lived. */
function isUsable({ issuedAt, expiresAt }: AccessToken): boolean {
  const now = Date.now();
  return issuedAt <= now && now < expiresAt - MARGIN_MS;
}
