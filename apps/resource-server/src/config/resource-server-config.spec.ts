import { describe, expect, it } from '@jest/globals';
import { ConfigurationError, type Environment } from '@latchkey/platform/environment';
import { loadResourceServerConfig } from './resource-server-config.js';

const MINIMAL: Environment = {
  AUTHORIZATION_SERVER_URL: 'https://as.example/',
  CLIENT_ID: 'api',
  CLIENT_SECRET: 'short',
  AUDIENCE: 'https://api.example',
};

function problems(environment: Environment): readonly string[] {
  try {
    loadResourceServerConfig(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadResourceServerConfig', () => {
  it('has defaults for what can have one', () => {
    const config = loadResourceServerConfig(MINIMAL);
    expect(config).toEqual({
      http: expect.objectContaining({ host: '127.0.0.1', port: 3001, tls: null }),
      logLevel: 'info',
      metrics: null,
      database: { dialect: 'sqlite', path: expect.stringMatching(/data\/resources\.sqlite$/) },
      authorizationServerUrl: 'https://as.example',
      issuer: 'https://as.example',
      audience: 'https://api.example',
      resource: 'https://api.example',
      clientId: 'api',
      clientSecret: 'short',
      tokens: { validation: 'introspection', feedMaxStalenessMs: 5000, cacheTtlMs: null },
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it.each<[string, Record<string, string>, string | null]>([
    ['an https audience', {}, 'https://api.example'],
    ['a local audience', { AUDIENCE: 'http://localhost:3001/v1' }, 'http://127.0.0.1:3001/v1'],
    ['another port', { AUDIENCE: 'http://localhost:3001/', PORT: '3101' }, 'http://127.0.0.1:3101/'],
    ['another host', { AUDIENCE: 'http://localhost:3001/', HOST: '::1' }, 'http://[::1]:3001/'],
    ['any port', { AUDIENCE: 'http://localhost:3001/', PORT: '0' }, 'http://localhost:3001/'],
    ['an address without TLS', { AUDIENCE: 'http://localhost:3001/', HOST: '192.0.2.1' }, null],
    ['an audience that is no URL', { AUDIENCE: 'orders' }, null],
    [
      'RESOURCE_URL',
      { AUDIENCE: 'orders', RESOURCE_URL: 'https://api.example/v1' },
      'https://api.example/v1',
    ],
  ])('takes where clients reach the API from %s', (_, environment, resource) => {
    expect(loadResourceServerConfig({ ...MINIMAL, ...environment }).resource).toBe(resource);
  });

  it.each(['http://api.example', 'https://api.example?a=b', 'api', 'https://api.example/%41'])(
    'refuses RESOURCE_URL=%s',
    (url) => {
      const [problem = ''] = problems({ ...MINIMAL, RESOURCE_URL: url });
      expect(problem).toMatch(/^RESOURCE_URL must be /);
    },
  );

  it('takes the issuer as it is written', () => {
    expect(loadResourceServerConfig({ ...MINIMAL, ISSUER: 'https://id.example/' }).issuer).toBe(
      'https://id.example/',
    );
  });

  it('takes secrets from files', () => {
    const file = { ...MINIMAL, CLIENT_SECRET: '', CLIENT_SECRET_FILE: '/does/not/exist' };
    expect(problems(file)).toEqual([expect.stringMatching(/^CLIENT_SECRET .*CLIENT_SECRET_FILE/)]);
  });

  it('reads how tokens are checked', () => {
    const environment = { ...MINIMAL, TOKEN_VALIDATION: 'local', REVOCATION_FEED_MAX_STALENESS_MS: '3000' };
    expect(loadResourceServerConfig(environment).tokens).toEqual({
      validation: 'local',
      feedMaxStalenessMs: 3000,
      cacheTtlMs: null,
    });
    const { tokens } = loadResourceServerConfig({
      ...MINIMAL,
      REVOCATION_FEED: 'false',
      TOKEN_CACHE_TTL_MS: '0',
    });
    expect(tokens).toEqual({ validation: 'introspection', feedMaxStalenessMs: null, cacheTtlMs: 0 });
  });

  it('validates nothing locally without the feed', () => {
    const found = problems({ ...MINIMAL, TOKEN_VALIDATION: 'local', REVOCATION_FEED: 'false' });
    expect(found).toEqual([expect.stringMatching(/^TOKEN_VALIDATION /)]);
  });

  it('names all that is wrong at once', () => {
    const wrong = {
      PORT: '70000',
      LOG_LEVEL: 'loud',
      DATABASE_URL: 'mysql://x',
      ISSUER: 'me',
      CLIENT_ID: '',
    };
    const named = problems(wrong).map((problem) => problem.split(' ')[0]);
    expect(named.sort()).toEqual([
      'AUDIENCE',
      'AUTHORIZATION_SERVER_URL',
      'CLIENT_ID',
      'CLIENT_SECRET',
      'DATABASE_URL',
      'ISSUER',
      'LOG_LEVEL',
      'PORT',
    ]);
  });

  it.each([
    ['NODE_ENV', 'prod'],
    ['HOST', '127.0.0.1:3001'],
    ['METRICS_HOST', 'a b'],
    ['ISSUER', 'https://id.example\n'],
    ['AUTHORIZATION_SERVER_URL', 'https://as.example\r'],
    ['AUDIENCE', 'https://api.example\n'],
    ['CLIENT_ID', 'api\r'],
    ['CLIENT_SECRET', 'short\n'],
  ])('refuses %s=%j', (name, value) => {
    expect(problems({ ...MINIMAL, [name]: value })).toEqual([
      expect.stringMatching(new RegExp(`^${name} must be `)),
    ]);
  });

  it.each(['brief', 'resource-server-demo-secret-0123456789', 'change-me-change-me-change-me-change-me'])(
    'refuses the secret %j in production, and does not print it',
    (secret) => {
      const found = problems({ ...MINIMAL, NODE_ENV: 'production', CLIENT_SECRET: secret });
      expect(found).toHaveLength(1);
      expect(found[0]).toMatch(/^CLIENT_SECRET /);
      expect(found[0]).not.toContain(secret);
      expect(problems({ ...MINIMAL, CLIENT_SECRET: secret })).toEqual([]);
    },
  );

  it('accepts a real secret in production', () => {
    const CLIENT_SECRET = 'XxW1vMZ4gSLZ5tRHHnO0PqkWvYb3m8Qe';
    expect(problems({ ...MINIMAL, NODE_ENV: 'production', CLIENT_SECRET })).toEqual([]);
  });
});
