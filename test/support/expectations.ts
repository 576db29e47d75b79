import { expect } from '@jest/globals';
import type { ActiveTokenResponse, TokenResponse } from '@latchkey/contracts';
import type { Answer } from './http.js';

/** An error of RFC 6749 section 5.2 that no cache keeps, with a request id, and nothing that tells of our insides. */
export function expectOAuthError(answer: Answer, status: number, error: string): void {
  expect({ status: answer.status, error: (answer.json as { error?: unknown } | undefined)?.error }).toEqual({
    status,
    error,
  });
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  const { error_description: description } = answer.json as { error_description: string };
  expect(description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/);
  expect(answer.text).not.toMatch(/node_modules|at .*\(|\.ts:|\.js:/);
  if (status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Basic realm="/);
  if (status === 503) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
}

/** A refusal of a protected resource (RFC 6750 section 3). `error` is `null` where no code may be told. */
export function expectBearerChallenge(answer: Answer, status: number, error: string | null): void {
  expect(answer.status).toBe(status);
  const challenge = String(answer.headers['www-authenticate']);
  expect(challenge).toMatch(/^Bearer realm="/);
  if (error === null) expect(challenge).not.toContain('error');
  else expect(challenge).toContain(`error="${error}"`);
}

/** A successful token response (RFC 6749 section 5.1). */
export function expectTokens(answer: Answer): TokenResponse {
  expect({ status: answer.status, body: answer.text }).toMatchObject({ status: 200 });
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.headers.pragma).toBe('no-cache');
  const response = answer.json as TokenResponse;
  expect(typeof response.access_token).toBe('string');
  expect(response.token_type).toBe('Bearer');
  return response;
}

/** Introspection says that the token is good (RFC 7662 section 2.2). */
export function expectActive(answer: Answer): ActiveTokenResponse {
  expect({ status: answer.status, body: answer.json }).toMatchObject({ status: 200, body: { active: true } });
  return answer.json as ActiveTokenResponse;
}

/** Introspection says that the token is not good, and not a word more (RFC 7662 section 2.2). */
export function expectInactive(answer: Answer): void {
  expect({ status: answer.status, body: answer.text }).toEqual({ status: 200, body: '{"active":false}' });
}

/** Answers that nobody can tell apart: byte for byte the same but for what names the single request. */
export function expectSameAnswer(expected: Answer, ...others: readonly Answer[]): void {
  for (const other of others) expect(comparable(other)).toEqual(comparable(expected));
}

function comparable({ status, headers, text }: Answer): unknown {
  const lasting = Object.entries(headers).filter(([name]) => name !== 'date' && name !== 'x-request-id');
  return { status, headers: Object.fromEntries(lasting), text };
}

/** A refusal of the administration API (RFC 9457): `fields` are those that it says are wrong. */
export function expectProblem(answer: Answer, status: number, code: string, fields: string[] = []): void {
  const problem = answer.json as { code?: string; errors?: { field: string }[] } | undefined;
  expect({
    status: answer.status,
    code: problem?.code,
    fields: (problem?.errors ?? []).map(({ field }) => field).sort(),
  }).toEqual({ status, code, fields: fields.sort() });
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.json).toMatchObject({ type: 'about:blank', status, title: expect.any(String) });
  if (status === 401 || code === 'insufficient_scope') {
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="/);
  }
}
