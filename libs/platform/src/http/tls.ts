import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { Logger } from 'pino';
import { ConfigurationError } from '../environment/configuration-error.js';
import type { EnvironmentReader } from '../environment/environment-reader.js';

export interface TlsSettings {
  readonly certFile: string;
  readonly keyFile: string;
}

interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

type Variable = 'TLS_CERT_FILE' | 'TLS_KEY_FILE';

/** Reads `TLS_CERT_FILE` and `TLS_KEY_FILE`, and checks the key pair. */
export function readTls(reader: EnvironmentReader): TlsSettings | null {
  const certFile = reader.optional('TLS_CERT_FILE');
  const keyFile = reader.optional('TLS_KEY_FILE');
  if (certFile === null && keyFile === null) return null;
  if (certFile === null || keyFile === null) {
    reader.problem('TLS_CERT_FILE', 'and TLS_KEY_FILE must be set together');
    return null;
  }
  const settings = { certFile, keyFile };
  try {
    loadKeyPair(settings);
  } catch (error) {
    if (!(error instanceof KeyPairError)) throw error;
    reader.problem(error.variable, error.problem);
  }
  return settings;
}

/** A certificate or its private key cannot be used. */
class KeyPairError extends ConfigurationError {
  constructor(
    readonly variable: Variable,
    readonly problem: string,
  ) {
    super('The environment', [`${variable} ${problem}`]);
  }
}

/**
 * @returns a certificate and its matching key
 * @throws ConfigurationError that names the file, never its content
 */
export function loadKeyPair({ certFile, keyFile }: TlsSettings): KeyPair {
  const cert = readPem('TLS_CERT_FILE', certFile);
  const key = readPem('TLS_KEY_FILE', keyFile);
  const certificate = parseCertificate(cert, certFile);
  if (!certificate.checkPrivateKey(parseKey(key, keyFile))) {
    throw new KeyPairError(
      'TLS_KEY_FILE',
      `${keyFile} is not the private key of the certificate in ${certFile}`,
    );
  }
  const end = Date.parse(certificate.validTo);
  if (end < Date.now()) {
    const day = new Date(end).toISOString().slice(0, 10);
    throw new KeyPairError('TLS_CERT_FILE', `${certFile} expired on ${day}: renew the certificate`);
  }
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new KeyPairError('TLS_CERT_FILE', `${certFile} cannot be used (${codeOf(error)})`);
  }
  return { cert, key };
}

/** Uses the renewed certificate for new connections. An unusable one changes nothing. */
export function reloadKeyPair(server: Server, settings: TlsSettings, logger: Logger): void {
  try {
    server.setSecureContext(loadKeyPair(settings));
    logger.info('reloaded the certificate');
  } catch (error) {
    const reason = error instanceof KeyPairError ? error.problems.join() : codeOf(error);
    logger.error({ reason }, 'could not reload the certificate; the last one stays in use');
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'the server may not read it',
  EISDIR: 'it is a folder',
};

function readPem(variable: Variable, path: string): Buffer {
  // The message repeats the path, so the value must not be a private key in the wrong variable.
  if (/[\0\r\n]|-----/.test(path)) throw new KeyPairError(variable, 'must be the path of a file');
  try {
    return readFileSync(path);
  } catch (error) {
    const code = codeOf(error);
    throw new KeyPairError(variable, `${path} cannot be read: ${REASONS[code] ?? code}`);
  }
}

function parseCertificate(cert: Buffer, path: string): X509Certificate {
  try {
    // Only PEM is supported, although the class also reads DER.
    if (cert.includes('-----BEGIN ')) return new X509Certificate(cert);
  } catch {
    // It is no certificate.
  }
  throw new KeyPairError('TLS_CERT_FILE', `${path} holds no certificate in PEM form`);
}

function parseKey(key: Buffer, path: string): KeyObject {
  // As `BEGIN ENCRYPTED PRIVATE KEY` or as the header `Proc-Type: 4,ENCRYPTED`.
  if (key.includes('ENCRYPTED')) {
    throw new KeyPairError(
      'TLS_KEY_FILE',
      `${path} is encrypted with a passphrase: store the key without one, readable by the server alone`,
    );
  }
  try {
    return createPrivateKey(key);
  } catch {
    throw new KeyPairError('TLS_KEY_FILE', `${path} holds no private key in PEM form`);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
