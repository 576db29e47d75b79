import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '../environment/configuration-error.js';
import { EnvironmentReader, type Environment } from '../environment/environment-reader.js';
import { ownUrl, readHttpSettings, type HttpSettings } from './http-settings.js';

const CERTIFICATES = fileURLToPath(new URL('../../../../test/support/tls/', import.meta.url));

function read(environment: Environment, production = false): HttpSettings {
  const reader = new EnvironmentReader(environment);
  const settings = readHttpSettings(reader, { port: 3000, production });
  reader.assertValid();
  return settings;
}

function problems(environment: Environment, production = false): readonly string[] {
  try {
    read(environment, production);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('readHttpSettings', () => {
  it('drains for as long as a balancer needs in production, and not at all in development', () => {
    expect(read({}).shutdown).toEqual({ delay: 0, timeout: 20 });
    expect(read({}, true).shutdown).toEqual({ delay: 5, timeout: 20 });
    expect(read({ SHUTDOWN_DELAY: '0', SHUTDOWN_TIMEOUT: '60' }, true).shutdown).toEqual({
      delay: 0,
      timeout: 60,
    });
  });

  it.each(['127.0.0.1', '127.8.9.10', '::1', '[::1]', 'localhost'])('lets plain HTTP on %s be', (host) => {
    expect(problems({ HOST: host }, true)).toEqual([]);
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', 'id.example.com', '127.0.0.1.example.com'])(
    'refuses plain HTTP on %s in production, unless it is asked for',
    (host) => {
      expect(problems({ HOST: host })).toEqual([]);
      expect(problems({ HOST: host }, true)).toEqual([expect.stringMatching(/^HOST .*ALLOW_PLAIN_HTTP/)]);
      expect(problems({ HOST: host, ALLOW_PLAIN_HTTP: 'true' }, true)).toEqual([]);
      expect(problems({ HOST: host, ALLOW_PLAIN_HTTP: 'yes' }, true)).toEqual([
        expect.stringMatching(/^ALLOW_PLAIN_HTTP /),
        expect.stringMatching(/^HOST /),
      ]);
    },
  );

  it.each([
    ['REQUEST_TIMEOUT', '0'],
    ['MAX_CONNECTIONS', '0'],
    ['HOST', '127.0.0.1:3000'],
    ['HOST', 'http://127.0.0.1'],
    ['SHUTDOWN_DELAY', '-1'],
    ['SHUTDOWN_TIMEOUT', '0'],
  ])('refuses %s=%s', (name, value) => {
    expect(problems({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name} `))]);
  });
});

describe('ownUrl', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:3000'],
    ['::1', 'http://[::1]:3000'],
    ['[::1]', 'http://[::1]:3000'],
    ['0.0.0.0', 'http://127.0.0.1:3000'],
    ['::', 'http://[::1]:3000'],
    ['id.example.com', 'http://id.example.com:3000'],
  ])('of %s is %s', (host, url) => {
    expect(ownUrl(read({ HOST: host }))).toBe(url);
  });
});

describe('TLS_CERT_FILE and TLS_KEY_FILE', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-tls-'));
    writeFileSync(join(folder, 'not-a-certificate.pem'), 'canary-4711');
    for (const type of ['pkcs8', 'sec1'] as const)
      writeFileSync(join(folder, `${type}.pem`), encrypted(type));
    for (const name of readdirSync(CERTIFICATES)) copyFileSync(CERTIFICATES + name, join(folder, name));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('belong together', () => {
    for (const name of ['TLS_CERT_FILE', 'TLS_KEY_FILE']) {
      expect(problems({ [name]: 'a.pem' })).toEqual(['TLS_CERT_FILE and TLS_KEY_FILE must be set together']);
    }
  });

  const encrypted = (type: 'pkcs8' | 'sec1'): string =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'canary-4711' })
      .toString();

  it.each<[string, string, string, string]>([
    [
      'no certificate',
      'missing.pem',
      'first-key.pem',
      'TLS_CERT_FILE {}/missing.pem cannot be read: there is no such file',
    ],
    [
      'no key',
      'first-cert.pem',
      'missing.pem',
      'TLS_KEY_FILE {}/missing.pem cannot be read: there is no such file',
    ],
    ['a folder', 'first-cert.pem', '', 'TLS_KEY_FILE {}/ cannot be read: it is a folder'],
    [
      'other text',
      'not-a-certificate.pem',
      'first-key.pem',
      'TLS_CERT_FILE {}/not-a-certificate.pem holds no certificate in PEM form',
    ],
    [
      'a key in place of the certificate',
      'first-key.pem',
      'first-key.pem',
      'TLS_CERT_FILE {}/first-key.pem holds no certificate in PEM form',
    ],
    [
      'a certificate in place of the key',
      'first-cert.pem',
      'first-cert.pem',
      'TLS_KEY_FILE {}/first-cert.pem holds no private key in PEM form',
    ],
    [
      'the key of another certificate',
      'first-cert.pem',
      'second-key.pem',
      'TLS_KEY_FILE {}/second-key.pem is not the private key of the certificate in {}/first-cert.pem',
    ],
    [
      'an expired certificate',
      'expired-cert.pem',
      'first-key.pem',
      'TLS_CERT_FILE {}/expired-cert.pem expired on 2024-02-01: renew the certificate',
    ],
    [
      'a key with a passphrase',
      'first-cert.pem',
      'pkcs8.pem',
      'TLS_KEY_FILE {}/pkcs8.pem is encrypted with a passphrase: store the key without one, readable by the server alone',
    ],
    [
      'an old key with a passphrase',
      'first-cert.pem',
      'sec1.pem',
      'TLS_KEY_FILE {}/sec1.pem is encrypted with a passphrase: store the key without one, readable by the server alone',
    ],
  ])('are tried at start, and name the file: %s', (_, cert, key, problem) => {
    const [certFile, keyFile] = [cert, key].map((name) => join(folder, name) + (name === '' ? '/' : ''));
    expect(problems({ TLS_CERT_FILE: certFile ?? '', TLS_KEY_FILE: keyFile ?? '' }, true)).toEqual([
      problem.replaceAll('{}', folder),
    ]);
  });

  it('never repeat a key that was put where its path belongs', () => {
    const cert = join(folder, 'first-cert.pem');
    const [problem = ''] = problems({ TLS_CERT_FILE: cert, TLS_KEY_FILE: encrypted('pkcs8') });
    expect(problem).toBe('TLS_KEY_FILE must be the path of a file');
  });
});
