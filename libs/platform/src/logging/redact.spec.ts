import { describe, expect, it } from '@jest/globals';
import { redact } from './redact.js';

const CANARY = 'canary';

describe('redact', () => {
  it.each([
    'password',
    'new_password',
    'passwordHash',
    'client_secret',
    'clientSecret',
    'token',
    'access_token',
    'refreshToken',
    'Authorization',
    'proxy-authorization',
    'cookie',
    'set-cookie',
    'master_key',
    'masterKey',
    'parameters',
    'query',
  ])('replaces what is under %s, whatever it is and however deep', (key) => {
    for (const value of [CANARY, { a: CANARY }, [CANARY], new Error(CANARY)]) {
      expect(redact({ [key]: value })).toEqual({ [key]: '[redacted]' });
      expect(redact({ a: [{ b: { [key]: value } }] })).toEqual({ a: [{ b: { [key]: '[redacted]' } }] });
    }
  });

  it('leaves the rest alone', () => {
    const fields = {
      path: '/oauth/token',
      status: 200,
      ok: true,
      nothing: null,
      list: [1, 'a'],
      token_type: 'Bearer',
    };
    expect(redact(fields)).toEqual(fields);
  });

  it('keeps of an error what tells of the failure, and not what a driver hangs on it', () => {
    const cause = Object.assign(new Error('inner'), { code: '23505', detail: CANARY, parameters: [CANARY] });
    const error = Object.assign(new Error('outer', { cause }), { query: CANARY, driverError: CANARY });
    expect(redact(error)).toMatchObject({
      type: 'Error',
      message: 'outer',
      cause: { message: 'inner', code: '23505' },
    });
    expect(JSON.stringify(redact({ err: error }))).not.toContain(CANARY);
  });

  it('survives a circle', () => {
    const circle: Record<string, unknown> = { password: CANARY };
    circle.self = circle;
    expect(JSON.stringify(redact(circle))).not.toContain(CANARY);
  });

  it('shows no bytes', () => {
    expect(redact({ seed: Buffer.from(CANARY) })).toEqual({ seed: '[binary]' });
  });
});
