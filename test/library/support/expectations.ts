import { expect } from '@jest/globals';

interface Refusal {
  status: number;
  error: string;
  /** The whole `WWW-Authenticate`; `null` for none. */
  challenge: string | RegExp | null;
}

/** Checks all that a refusal shows: status, challenge, body, and that nobody may store it. */
export async function expectRefusal(
  response: Response,
  { status, error, challenge }: Refusal,
): Promise<void> {
  expect(response.status).toBe(status);
  const sent = response.headers.get('www-authenticate');
  if (challenge instanceof RegExp) expect(sent).toMatch(challenge);
  else expect(sent).toBe(challenge);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(await response.json()).toEqual({ error, error_description: expect.any(String) });
}
