import { describe, expect, it } from '@jest/globals';
import { HttpException } from '@nestjs/common';
import { ScopeSet } from '@latchkey/contracts';
import { BearerError } from './bearer-error.js';
import { Refusal } from './refusal.js';

const API = { realm: 'api', resourceMetadata: null };
const READ_WRITE = ScopeSet.of(['read', 'write']);
const LOGIN = { acrValues: ['urn:a', 'urn:b'], maxAgeSeconds: 0 };

/** What is sent: status, code, description, and what stands in the challenge after realm, error and description. */
const REFUSALS: [string, BearerError, number, string, string, string | null, Record<string, string>][] = [
  [
    'several tokens',
    BearerError.invalidRequest('More than one token'),
    400,
    'invalid_request',
    'More than one token',
    '',
    {},
  ],
  [
    'a bad token',
    BearerError.invalidToken('malformed'),
    401,
    'invalid_token',
    'The access token is not valid',
    '',
    {},
  ],
  [
    'a missing scope',
    BearerError.insufficientScope(READ_WRITE),
    403,
    'insufficient_scope',
    'The access token does not have the required scope',
    ', scope="read write"',
    { scope: 'read write' },
  ],
  [
    'a login that is too weak or too old (RFC 9470 section 3)',
    BearerError.insufficientUserAuthentication(LOGIN),
    401,
    'insufficient_user_authentication',
    'A stronger or more recent login is required',
    ', acr_values="urn:a urn:b", max_age="0"',
    { acr_values: 'urn:a urn:b', max_age: '0' },
  ],
  ['another owner', BearerError.accessDenied('Not yours'), 403, 'access_denied', 'Not yours', null, {}],
  ['an unknown resource', BearerError.notFound(), 404, 'not_found', 'There is no such resource', null, {}],
  [
    'a check that is not possible',
    BearerError.temporarilyUnavailable(7, 'ECONNREFUSED'),
    503,
    'temporarily_unavailable',
    'The access token cannot be checked at the moment',
    null,
    {},
  ],
];

const GRAPHQL_CODES: Record<number, string> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  503: 'INTERNAL_SERVER_ERROR',
};

describe('BearerError (RFC 6750 section 3)', () => {
  it.each(REFUSALS)('answers %s', (_, error, status, code, description, parameters, more) => {
    const body = { error: code, error_description: description };
    expect(error).toBeInstanceOf(HttpException);
    expect([error.name, error.getStatus(), error.getResponse()]).toEqual(['BearerError', status, body]);
    const challenge = `Bearer realm="api", error="${code}", error_description="${description}"${parameters}`;
    expect(error.challenge(API)).toBe(parameters === null ? null : challenge);
    const details = { statusCode: status, ...body, ...more };
    expect(error.toMessage()).toEqual({ status: 'error', message: description, ...details });
    expect(error.extensions).toEqual({ code: GRAPHQL_CODES[status], ...details });
  });

  it('says nothing about an error in the challenge when no token was sent (section 3.1)', () => {
    const error = BearerError.missingToken();
    expect(error.getStatus()).toBe(401);
    expect(error.challenge(API)).toBe('Bearer realm="api"');
    expect(error.getResponse()).toEqual({
      error: 'invalid_token',
      error_description: 'An access token is required',
    });
    expect(error.refusal).toEqual(new Refusal('no_token'));
  });

  it.each([
    [{ acrValues: null, maxAgeSeconds: 60 }, { max_age: '60' }],
    [{ acrValues: ['urn:a'], maxAgeSeconds: null }, { acr_values: 'urn:a' }],
  ])('asks for no more of a login than the route requires: %j', (login, expected) => {
    const { status, message, statusCode, error, error_description, ...parameters } =
      BearerError.insufficientUserAuthentication(login).toMessage();
    expect([status, statusCode, error, error_description]).toEqual([
      'error',
      401,
      'insufficient_user_authentication',
      message,
    ]);
    expect(parameters).toEqual(expected);
  });

  it('keeps the detail for the log, and the reason for counters', () => {
    const plain = BearerError.invalidToken('malformed');
    expect([plain.detail, plain.refusal]).toEqual(['malformed', null]);
    expect(JSON.stringify([plain.getResponse(), plain.toMessage(), plain.extensions])).not.toContain(
      'malformed',
    );
    const reason = new Refusal('expired');
    const expired = BearerError.invalidToken(reason);
    expect(expired.refusal).toBe(reason);
    expect(expired.detail).toBe(String(reason));
    expect(BearerError.notFound().detail).toBeNull();
    expect(BearerError.temporarilyUnavailable(null, 'away').refusal).toEqual(new Refusal('unavailable'));
  });

  it('logs which scopes were required, and which the token has', () => {
    const { refusal } = BearerError.insufficientScope(READ_WRITE, ScopeSet.of(['read']));
    expect(refusal).toEqual(new Refusal('scope', { expected: ['read', 'write'], found: ['read'] }));
    expect(BearerError.insufficientScope(READ_WRITE).refusal).toEqual(
      new Refusal('scope', { expected: ['read', 'write'] }),
    );
  });

  it('points to the metadata of the API (RFC 9728 section 5.1)', () => {
    const resourceMetadata = 'https://api.example/.well-known/oauth-protected-resource';
    expect(BearerError.missingToken().challenge({ realm: 'api', resourceMetadata })).toBe(
      `Bearer realm="api", resource_metadata="${resourceMetadata}"`,
    );
  });

  it('has no header of a challenge where no token would help', () => {
    expect(BearerError.accessDenied('Not yours').headers(API)).toEqual({ 'Cache-Control': 'no-store' });
    expect(BearerError.missingToken().headers(API)).toEqual({
      'Cache-Control': 'no-store',
      'WWW-Authenticate': 'Bearer realm="api"',
    });
  });

  it.each([
    [7, '7'],
    [null, '2'],
  ])('asks to come back: after %s s', (seconds, header) => {
    const error = BearerError.temporarilyUnavailable(seconds, 'ECONNREFUSED');
    expect(error.headers(API)).toEqual({ 'Cache-Control': 'no-store', 'Retry-After': header });
    expect(error.detail).toBe('ECONNREFUSED');
    expect(JSON.stringify(error.getResponse())).not.toContain('ECONNREFUSED');
  });
});
