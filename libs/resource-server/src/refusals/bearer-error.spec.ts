import { describe, expect, it } from '@jest/globals';
import { ScopeSet } from '@latchkey/contracts';
import { BearerError } from './bearer-error.js';

const API = { realm: 'api', resourceMetadata: null };

describe('BearerError (RFC 6750 section 3)', () => {
  it('says nothing about an error when no token was sent', () => {
    const error = BearerError.missingToken();
    expect(error.getStatus()).toBe(401);
    expect(error.challenge(API)).toBe('Bearer realm="api"');
  });

  it('names the error of a bad token and keeps the detail for the log', () => {
    const error = BearerError.invalidToken('malformed');
    expect(error.getStatus()).toBe(401);
    expect(error.challenge(API)).toBe(
      'Bearer realm="api", error="invalid_token", error_description="The access token is not valid"',
    );
    expect(error.detail).toBe('malformed');
    expect(JSON.stringify(error.getResponse())).not.toContain('malformed');
  });

  it('names the scopes that are required', () => {
    const error = BearerError.insufficientScope(ScopeSet.of(['read', 'write']));
    expect(error.getStatus()).toBe(403);
    expect(error.challenge(API)).toMatch(/error="insufficient_scope".*, scope="read write"$/);
  });

  it('points to the metadata of the API (RFC 9728 section 5.1)', () => {
    const resourceMetadata = 'https://api.example/.well-known/oauth-protected-resource';
    expect(BearerError.missingToken().challenge({ realm: 'api', resourceMetadata })).toBe(
      `Bearer realm="api", resource_metadata="${resourceMetadata}"`,
    );
  });

  it('does not ask for another token when no token would help', () => {
    expect(BearerError.accessDenied('Not yours').headers(API)).toEqual({ 'Cache-Control': 'no-store' });
  });

  it('asks to come back when nobody could be asked', () => {
    const error = BearerError.temporarilyUnavailable(2, 'ECONNREFUSED');
    expect(error.getStatus()).toBe(503);
    expect(error.headers(API)).toEqual({ 'Cache-Control': 'no-store', 'Retry-After': '2' });
    expect(JSON.stringify(error.getResponse())).not.toContain('ECONNREFUSED');
  });
});
