import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '../environment/configuration-error.js';
import { EnvironmentReader, type Environment } from '../environment/environment-reader.js';
import { readHttpSettings, type HttpSettings } from './http-settings.js';

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

  it.each(['127.0.0.1', '127.8.9.10', '::1', 'localhost'])('lets plain HTTP on %s be', (host) => {
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
    ['SHUTDOWN_DELAY', '-1'],
    ['SHUTDOWN_TIMEOUT', '0'],
  ])('refuses %s=%s', (name, value) => {
    expect(problems({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name} `))]);
  });
});

describe('TLS_CERT_FILE and TLS_KEY_FILE', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-tls-'));
    writeFileSync(join(folder, 'not-a-certificate.pem'), 'canary-4711');
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('belong together', () => {
    expect(problems({ TLS_CERT_FILE: 'cert.pem' })).toEqual([expect.stringMatching(/^TLS_KEY_FILE /)]);
    expect(problems({ TLS_KEY_FILE: 'key.pem' })).toEqual([expect.stringMatching(/^TLS_CERT_FILE /)]);
  });

  it('are tried at start, without repeating paths or content', () => {
    const missing = join(folder, 'missing.pem');
    expect(problems({ TLS_CERT_FILE: missing, TLS_KEY_FILE: missing })).toEqual([
      'TLS_CERT_FILE and TLS_KEY_FILE cannot be used (ENOENT)',
    ]);
    const wrong = join(folder, 'not-a-certificate.pem');
    const [problem = ''] = problems({ TLS_CERT_FILE: wrong, TLS_KEY_FILE: wrong }, true);
    expect(problem).toMatch(/^TLS_CERT_FILE and TLS_KEY_FILE cannot be used \(ERR_/);
    expect(problem).not.toContain('canary');
  });
});
