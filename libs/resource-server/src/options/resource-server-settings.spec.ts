import { describe, expect, it } from '@jest/globals';
import type { ResourceServerOptions } from './resource-server-options.js';
import { keycloak } from './issuer-presets.js';
import { ResourceServerSettings } from './resource-server-settings.js';

const OPTIONS: ResourceServerOptions = {
  introspectionEndpoint: 'https://as.example/introspect',
  clientId: 'api',
  clientSecret: 'a secret',
  issuer: 'https://as.example',
  audience: 'https://api.example',
};

describe('ResourceServerSettings', () => {
  it('fills in defaults and is frozen', () => {
    const settings = new ResourceServerSettings(OPTIONS);
    expect(settings).toMatchObject({ realm: 'https://api.example', timeoutMs: 2000 });
    expect(Object.isFrozen(settings)).toBe(true);
  });

  it.each<Partial<ResourceServerOptions>>([
    { issuer: '' },
    { audience: '' },
    { clientId: undefined },
    { clientSecret: '' },
    { introspectionEndpoint: '/introspect' },
    { introspectionEndpoint: 'ftp://as.example/' },
    { introspectionEndpoint: 'https://id:secret@as.example/' },
    { realm: 'a"b' },
    { realm: 'a\r\nb' },
    { realm: '' },
    { timeoutMs: 0 },
    { timeoutMs: Infinity },
    { timeoutMs: NaN },
    { clockTolerance: -1 },
    { clockTolerance: 31 },
    { clockTolerance: '5' as unknown as number },
    { maxConnections: 0 },
    { circuitBreaker: { failureThreshold: 0 } },
    { circuitBreaker: { openMs: -1 } },
    { validation: 'local', jwks: { maxAgeMs: 1000 } },
    keycloak({ issuer: 'https://sso.example', subjectPrefix: 'staff:' }),
    { claims: { owner: '' } },
    { claims: { defaultScope: 'a  b' } },
    { claims: { mayBeMissing: ['exp'] as unknown as ['iss'] } },
  ])('refuses %j', (wrong) => {
    expect(() => new ResourceServerSettings({ ...OPTIONS, ...wrong })).toThrow(TypeError);
  });

  it('takes an empty prefix of subjects, and fetches of keys that are as rare as they may be', () => {
    const preset = keycloak({ issuer: 'https://sso.example', subjectPrefix: '' });
    const jwks = { ...preset.jwks, maxAgeMs: 1000, cooldownMs: 1000 };
    const settings = new ResourceServerSettings({ ...preset, jwks, audience: 'orders-api' });
    expect(settings.issuers.known[0]?.local).toMatchObject({ maxAgeMs: 1000, cooldownMs: 1000 });
  });

  it('needs no endpoint and no credentials with another way of asking', () => {
    const { issuer, audience } = OPTIONS;
    const introspector = { introspect: () => Promise.resolve(null) };
    expect(new ResourceServerSettings({ issuer, audience, introspector }).introspector).toBe(introspector);
    expect(() => new ResourceServerSettings({ issuer, audience })).toThrow(/clientId.*introspectionEndpoint/);
  });

  it('names all that is wrong and repeats no value', () => {
    const wrong = { ...OPTIONS, issuer: '', timeoutMs: -1, clientSecret: 'hush', realm: 'a"b' };
    expect(() => new ResourceServerSettings(wrong)).toThrow(/issuer.*realm.*timeoutMs/);
    expect(() => new ResourceServerSettings(wrong)).not.toThrow(/hush/);
  });
});
