import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '@latchkey/platform/environment';
import { loadConfig } from './load-config.js';

const CANARY = 'canary-4711-not-a-secret';
const KEY = Buffer.from(Array.from({ length: 32 }, (_, index) => index));

const PRODUCTION = {
  NODE_ENV: 'production',
  ISSUER: 'https://login.example.com',
  LATCHKEY_MASTER_KEY: KEY.toString('base64'),
};

/** The variables that are named as wrong. */
function wrongIn(environment: Record<string, string>): string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    expect(error.message).not.toContain(CANARY);
    return [...new Set(error.problems.map((problem) => problem.split(' ')[0] ?? ''))].sort();
  }
  return [];
}

describe('loadConfig', () => {
  it('needs nothing in development', () => {
    expect(loadConfig({})).toMatchObject({
      http: { host: '127.0.0.1', port: 3000, tls: null, shutdown: { delay: 0 }, docs: true },
      issuer: 'http://127.0.0.1:3000',
      production: false,
      masterKey: null,
      bootstrapClient: null,
      configurationFile: null,
      demo: false,
      tokenLifetimes: {
        accessTokenTtl: 300,
        refreshTokenTtl: 2_592_000,
        refreshTokenIdleTtl: 604_800,
        refreshTokenGrace: 30,
      },
      argon2: { memoryKib: 19_456, iterations: 2 },
      passwordGrantEnabled: true,
      messages: { transport: null, deadlineMs: 5000, codesPerClient: 1000 },
      trustProxy: false,
      logLevel: 'info',
    });
  });

  it('counts an empty variable as absent', () => {
    expect(loadConfig({ PORT: '', LATCHKEY_MASTER_KEY: '', ISSUER: '' })).toEqual(loadConfig({}));
  });

  it.each(['base64', 'base64url', 'hex'] as const)('reads the master key as %s', (encoding) => {
    expect(loadConfig({ LATCHKEY_MASTER_KEY: KEY.toString(encoding) }).masterKey).toEqual(KEY);
  });

  it('reads peppers by name, and repeats no value of what is wrong', () => {
    const read = (text: string) => loadConfig({ LATCHKEY_PASSWORD_PEPPERS: text }).passwordPeppers;
    expect(read('{"shop": "größer", "__proto__": "x"}')).toEqual(
      JSON.parse('{"shop": "größer", "__proto__": "x"}'),
    );
    expect(loadConfig({}).passwordPeppers).toEqual({});
    const wrong = [
      'a=b',
      '[]',
      'null',
      '"text"',
      '{"a b": "canary"}',
      '{"a": 1}',
      '{"a": ""}',
      '{"a": "\\u0000"}',
    ];
    for (const text of wrong) {
      expect(() => read(text)).toThrow(/LATCHKEY_PASSWORD_PEPPERS must be a JSON object/);
      expect(() => read(text)).not.toThrow(/canary/);
    }
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['PORT', CANARY],
    ['ISSUER', 'login.example.com'],
    ['NODE_ENV', 'prod'],
    ['HOST', 'a b'],
    ['METRICS_HOST', '127.0.0.1:9464'],
    ['ISSUER', 'https://login.example.com\n'],
    ['ISSUER', 'ftp://login.example.com'],
    ['ISSUER', `https://${'a'.repeat(248)}`],
    ['ISSUER', 'https://login.example.com/?a=b'],
    ['ISSUER', 'https://login.example.com/#a'],
    ['ISSUER', `https://user:${CANARY}@login.example.com`],
    ['DATABASE_URL', `mysql://root:${CANARY}@db/latchkey`],
    ['DATABASE_URL', 'sqlite::memory:'],
    ['LATCHKEY_MASTER_KEY', CANARY],
    ['LATCHKEY_MASTER_KEY', KEY.subarray(1).toString('base64')],
    ['LATCHKEY_MASTER_KEY', Buffer.alloc(32).toString('hex')],
    ['LATCHKEY_BOOTSTRAP_CLIENT_SECRET', 'ä'.repeat(40)],
    ['ACCESS_TOKEN_TTL', '0'],
    ['REFRESH_TOKEN_TTL', '-1'],
    ['REFRESH_TOKEN_IDLE_TTL', '1e3'],
    ['REFRESH_TOKEN_GRACE', '301'],
    ['ARGON2_MEMORY_KIB', '19455'],
    ['ARGON2_ITERATIONS', '1'],
    ['HASH_WORKERS', '0'],
    ['HASH_QUEUE_LIMIT', '0'],
    ['THROTTLE_SOURCE_ACCOUNTS', '0'],
    ['HASH_QUEUE_DEADLINE_MS', '9'],
    ['PASSWORD_GRANT_ENABLED', 'yes'],
    // The issuer of these is an IP address.
    ['PASSKEY_RP_ID', 'localhost'],
    ['PASSKEY_RP_ID', '0.0.1'],
    ['PASSKEY_ORIGINS', 'https://shop.example.com'],
    ['TRUST_PROXY', 'proxy.example.com'],
    ['TRUST_PROXY', '10'],
    ['TRUST_PROXY', '10.0.0.1:443'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['LOG_LEVEL', 'loud'],
    ['LATCHKEY_DEMO', '1'],
  ])('refuses %s=%s', (name, value) => {
    expect(
      wrongIn({ LATCHKEY_BOOTSTRAP_CLIENT_ID: 'root', LATCHKEY_BOOTSTRAP_CLIENT_SECRET: 's', [name]: value }),
    ).toEqual([name]);
  });

  it('names all that is wrong at once', () => {
    expect(wrongIn({ PORT: 'x', LOG_LEVEL: 'x', ISSUER: 'x', LATCHKEY_BOOTSTRAP_CLIENT_ID: 'root' })).toEqual(
      ['ISSUER', 'LATCHKEY_BOOTSTRAP_CLIENT_SECRET', 'LOG_LEVEL', 'PORT'],
    );
  });

  describe('for passkeys', () => {
    const of = (environment: Record<string, string>) =>
      loadConfig({ ISSUER: 'https://login.example.com/id', ...environment }).passkeys;
    const rpId = { PASSKEY_RP_ID: 'example.com' };

    it('takes host and origin of the issuer, unless another domain and other origins are set', () => {
      expect(of({})).toEqual({ rpId: 'login.example.com', origins: ['https://login.example.com'] });
      expect(of(rpId)).toEqual({ rpId: 'example.com', origins: ['https://login.example.com'] });
      const origins = ['https://shop.example.com:8443', `android:apk-key-hash:${'_-0a'.repeat(10)}abc`];
      expect(of({ ...rpId, PASSKEY_ORIGINS: origins.join(' , ') })).toEqual({ rpId: 'example.com', origins });
      expect(of({ ISSUER: 'http://localhost:3000' })).toEqual({
        rpId: 'localhost',
        origins: ['http://localhost:3000'],
      });
      for (const ISSUER of ['http://127.0.0.1:3000', 'http://[::1]:3000']) expect(of({ ISSUER })).toBeNull();
    });

    it.each([
      'example.org',
      'ogin.example.com',
      'xlogin.example.com',
      'shop.login.example.com',
      'com',
      'https://example.com',
      'example.com:443',
      '.example.com',
      'EXAMPLE.com',
    ])('refuses the relying party id %j', (value) => {
      expect(() => of({ PASSKEY_RP_ID: value })).toThrow(
        /PASSKEY_RP_ID must be the host of ISSUER or a parent/,
      );
    });

    it.each([
      'https://example.org',
      'https://notexample.com',
      'https://example.com.evil.example',
      'http://shop.example.com',
      'https://shop.example.com/',
      'https://shop.example.com:443',
      'https://shop.example.com,',
      'shop.example.com',
      '*',
      'null',
      'android:apk-key-hash:AAAA',
      `android:apk-key-hash:${'A'.repeat(42)}=`,
    ])('refuses the origin %j', (value) => {
      expect(() => of({ ...rpId, PASSKEY_ORIGINS: value })).toThrow(
        /PASSKEY_ORIGINS must be a comma-separated/,
      );
    });
  });

  describe('in production', () => {
    it('takes what is strong', () => {
      expect(wrongIn(PRODUCTION)).toEqual([]);
    });

    it('needs a master key and an issuer', () => {
      expect(wrongIn({ NODE_ENV: 'production' })).toEqual(['ISSUER', 'LATCHKEY_MASTER_KEY']);
    });

    it.each<[string, string]>([
      ['LATCHKEY_DEMO', 'true'],
      ['EMAIL_PRINT', 'true'],
      ['ISSUER', 'http://login.example.com'],
      ['ISSUER', 'HTTP://login.example.com'],
      ['ISSUER', 'https://login.example.com\n'],
      ['ISSUER', 'https://login.example.com/a b'],
      ['ISSUER', 'https://@login.example.com'],
      ['LATCHKEY_BOOTSTRAP_CLIENT_SECRET', CANARY],
      ['LATCHKEY_BOOTSTRAP_CLIENT_SECRET', 'change-me-change-me-change-me-change-me'],
      ['LATCHKEY_BOOTSTRAP_CLIENT_SECRET', 'a'.repeat(64)],
    ])('refuses %s=%s', (name, value) => {
      const bootstrap: Record<string, string> = name.includes('BOOTSTRAP')
        ? { LATCHKEY_BOOTSTRAP_CLIENT_ID: 'root' }
        : {};
      expect(wrongIn({ ...PRODUCTION, ...bootstrap, [name]: value })).toEqual([name]);
    });
  });
});
