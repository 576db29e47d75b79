import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '@latchkey/platform/environment';
import type { Logger } from 'pino';
import { parseMasterKey } from './master-key-format.js';

/**
 * The master key of a development installation: read from the data directory, or generated there (mode 0600) with a log
 * line.
 *
 * @throws ConfigurationError when the file has other content
 */
export function developmentMasterKey(dataDirectory: string, logger: Logger): Buffer {
  const existing = existingMasterKey(dataDirectory);
  if (existing !== null) return existing;
  const path = pathIn(dataDirectory);
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const key = randomBytes(32);
  writeFileSync(path, `${key.toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  logger.warn({ path }, 'wrote a new master key for development; production takes LATCHKEY_MASTER_KEY');
  return key;
}

/**
 * The same, only if it exists.
 *
 * @throws ConfigurationError when the file has other content
 */
export function existingMasterKey(dataDirectory: string): Buffer | null {
  const path = pathIn(dataDirectory);
  if (!existsSync(path)) return null;
  const key = parseMasterKey(readFileSync(path, 'utf8'));
  if (key === null) throw new ConfigurationError(path, ['it does not hold a master key of 32 bytes']);
  return key;
}

function pathIn(dataDirectory: string): string {
  return join(dataDirectory, 'master.key');
}
