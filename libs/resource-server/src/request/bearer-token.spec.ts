import { describe, expect, it } from '@jest/globals';
import { MAX_ACCESS_TOKEN_LENGTH } from '@latchkey/contracts';
import { BearerError } from '../refusals/bearer-error.js';
import { assertBearerToken, extractBearerToken, type HttpRequest } from './bearer-token.js';

function aRequest(authorization: string | undefined, rest: Partial<HttpRequest> = {}): HttpRequest {
  return { headers: { authorization, ...rest.headers }, url: '/', ...rest };
}

/** A form beside the token `a`. */
function formOf(body: unknown, type = 'application/x-www-form-urlencoded'): HttpRequest {
  return { headers: { authorization: 'Bearer a', 'content-type': type }, url: '/', body };
}

/** How a request is refused whose credentials nobody knows. */
function refusal(request: HttpRequest): { status: number; error: string } {
  try {
    const text = extractBearerToken(request);
    if (text !== null) assertBearerToken(text);
  } catch (error) {
    if (!(error instanceof BearerError)) throw error;
    return { status: error.getStatus(), error: (error.getResponse() as { error: string }).error };
  }
  throw new Error('The request was not refused');
}

describe('extractBearerToken (RFC 6750 section 2.1)', () => {
  it.each(['Bearer abc', 'bearer abc', 'BEARER abc', 'Bearer   abc'])('reads %j', (header) => {
    expect(extractBearerToken(aRequest(header))).toBe('abc');
  });

  it('reads every character of the syntax', () => {
    expect(extractBearerToken(aRequest('Bearer aZ09-._~+/=='))).toBe('aZ09-._~+/==');
    expect(() => assertBearerToken('aZ09-._~+/==')).not.toThrow();
  });

  it.each([undefined, '', 'Basic YTpi', 'Bearerabc', 'Token abc', ' abc'])(
    'finds no credentials in %j',
    (header) => {
      expect(extractBearerToken(aRequest(header))).toBeNull();
    },
  );

  it.each([
    'Bearer',
    'Bearer a b',
    'Bearer a=b',
    'Bearer ä',
    'Bearer a"',
    'Bearer =',
    'Bearer a\tb',
    'Bearer a\n',
  ])('refuses %j as invalid token', (header) => {
    expect(refusal(aRequest(header))).toEqual({ status: 401, error: 'invalid_token' });
  });

  it('bounds the length', () => {
    expect(extractBearerToken(aRequest(`Bearer ${'a'.repeat(MAX_ACCESS_TOKEN_LENGTH)}`))).toHaveLength(
      MAX_ACCESS_TOKEN_LENGTH,
    );
    expect(() => assertBearerToken('a'.repeat(MAX_ACCESS_TOKEN_LENGTH))).not.toThrow();
    expect(refusal(aRequest(`Bearer ${'a'.repeat(MAX_ACCESS_TOKEN_LENGTH + 1)}`))).toEqual({
      status: 401,
      error: 'invalid_token',
    });
  });

  it.each<[string, HttpRequest]>([
    [
      'two headers',
      aRequest('Bearer a', { rawHeaders: ['Authorization', 'Bearer a', 'AUTHORIZATION', 'Bearer a'] }),
    ],
    [
      'two headers behind a framework',
      aRequest('Bearer a', {
        raw: { rawHeaders: ['authorization', 'Basic x', 'authorization', 'Bearer a'] },
      }),
    ],
    ['headers as an array', { headers: { authorization: ['Bearer a', 'Bearer b'] } }],
    ['joined headers', aRequest('Bearer a, Bearer b')],
    ['another scheme, joined', aRequest('Basic YTpi, bearer b')],
    ['header and query', aRequest('Bearer a', { url: '/x?y=1&access_token=b' })],
    ['header and encoded query', aRequest('Bearer a', { url: '/x?access%5Ftoken=b' })],
    ['header and empty query token', aRequest('Bearer a', { originalUrl: '/x?access_token', url: '/' })],
    [
      'header and form',
      aRequest('Bearer a', {
        headers: {
          authorization: 'Bearer a',
          'content-type': 'application/x-www-form-urlencoded;charset=utf-8',
        },
        body: { access_token: 'b' },
      }),
    ],
  ])('refuses %s', (_, request) => {
    expect(refusal(request)).toEqual({ status: 400, error: 'invalid_request' });
  });

  it.each<[string, HttpRequest]>([
    [
      'one header among others',
      aRequest('Bearer a', { rawHeaders: ['Host', 'x', 'Authorization', 'Bearer a'] }),
    ],
    [
      'a header whose value is a header name',
      aRequest('Bearer a', { rawHeaders: ['authorization', 'authorization'] }),
    ],
    ['a token in the path', aRequest('Bearer a', { url: '/access_token=b' })],
    ['a body that is none', formOf(null)],
    ['a body that was not parsed', formOf('access_token=b')],
    ['a form without a token', formOf({ token: 'b' })],
    ['an inherited member of the form', formOf(Object.create({ access_token: 'b' }))],
    [
      'a type that only looks like a form',
      formOf({ access_token: 'b' }, 'x/application/x-www-form-urlencoded'),
    ],
    ['a type that begins like a form', formOf({ access_token: 'b' }, 'application/x-www-form-urlencodedx')],
    ['a request without an address', { headers: { authorization: 'Bearer a' } }],
  ])('reads the token beside %s', (_, request) => {
    expect(extractBearerToken(request)).toBe('a');
  });

  it.each(['application/x-www-form-urlencoded', 'Application/X-WWW-Form-Urlencoded ; charset=utf-8'])(
    'sees a token in a form of the type %j',
    (type) => {
      expect(refusal(formOf({ access_token: 'b' }, type))).toEqual({ status: 400, error: 'invalid_request' });
    },
  );

  it('looks at the address that the framework was asked for, before it was rewritten', () => {
    const raw = aRequest('Bearer a', { raw: { url: '/x?access_token=b' }, url: '/' });
    expect(refusal(raw)).toEqual({ status: 400, error: 'invalid_request' });
  });

  it('does not take a scheme that only ends in bearer', () => {
    expect(extractBearerToken(aRequest('xBearer abc'))).toBeNull();
  });

  it('ignores a token that is not in the header', () => {
    expect(extractBearerToken(aRequest(undefined, { url: '/?access_token=a' }))).toBeNull();
    expect(extractBearerToken(aRequest('Basic YTpi', { url: '/?access_token=a' }))).toBeNull();
  });

  it('leaves the JSON of the application alone', () => {
    const headers = { authorization: 'Bearer a', 'content-type': 'application/json' };
    expect(extractBearerToken(aRequest('Bearer a', { headers, body: { access_token: 'b' } }))).toBe('a');
  });
});
