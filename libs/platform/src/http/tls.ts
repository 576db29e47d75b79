import { readFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { Logger } from 'pino';
import type { EnvironmentReader } from '../environment/environment-reader.js';

export interface TlsSettings {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Reads `TLS_CERT_FILE` and `TLS_KEY_FILE`, and tries the pair that they name. */
export function readTls(reader: EnvironmentReader): TlsSettings | null {
  const certFile = reader.optional('TLS_CERT_FILE');
  const keyFile = reader.optional('TLS_KEY_FILE');
  if (certFile === null && keyFile === null) return null;
  if (certFile === null || keyFile === null) {
    reader.problem(certFile === null ? 'TLS_CERT_FILE' : 'TLS_KEY_FILE', 'is required with the other one');
    return null;
  }
  const settings = { certFile, keyFile };
  try {
    loadKeyPair(settings);
  } catch (error) {
    reader.problem('TLS_CERT_FILE', `and TLS_KEY_FILE cannot be used (${reasonOf(error)})`);
  }
  return settings;
}

/** @throws when a file cannot be read, or the two do not belong together */
export function loadKeyPair({ certFile, keyFile }: TlsSettings): KeyPair {
  const pair = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  createSecureContext(pair);
  return pair;
}

/** Takes a renewed certificate on SIGHUP, for new connections; one that cannot be used changes nothing. */
export function reloadTlsOnSignal(server: Server, settings: TlsSettings, logger: Logger): void {
  process.on('SIGHUP', () => {
    try {
      server.setSecureContext(loadKeyPair(settings));
      logger.info('reloaded the certificate');
    } catch (error) {
      logger.error(
        { reason: reasonOf(error) },
        'could not reload the certificate; the last one stays in use',
      );
    }
  });
}

/** A code, because a message may repeat a path. */
function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
