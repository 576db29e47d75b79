import { expect } from '@jest/globals';
import type { TokenResponse } from '@latchkey/contracts';
import { idToBytes, type Row } from '@latchkey/platform/database';
import sql, { type Sql } from 'sql-template-tag';
import { Caches } from '../../apps/authorization-server/src/changes/caches.js';
import { aClient } from './builders.js';
import { eventually } from './eventually.js';
import { expectTokens } from './expectations.js';
import type { Answer, Credentials } from './http.js';
import type { Stack } from './stack.js';

/** A token response of a client that gets refresh tokens. */
export type Session = TokenResponse & { refresh_token: string };

/** The credentials of a client that {@link aClientNamed} describes. */
export function credentialsOf(clientId: string): Credentials {
  return { clientId, secret: `${clientId}-secret-0123456789abcdefghijklm` };
}

/** A client like {@link aClient}, with a name and a secret of its own. */
export function aClientNamed(
  clientId: string,
  overrides: Record<string, unknown> = {},
): Record<string, unknown> {
  const { secret } = credentialsOf(clientId);
  return aClient({ client_id: clientId, client_secret: secret, ...overrides });
}

/** Expects a successful answer that carries a refresh token. */
export function expectSession(answer: Answer): Session {
  const tokens = expectTokens(answer);
  if (tokens.refresh_token === undefined) throw new Error('The response has no refresh token');
  return tokens as Session;
}

/** What a JWT access token says; its signature is not checked. */
export function claimsOf({ access_token: token }: TokenResponse): Record<string, unknown> & { sid: string } {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return JSON.parse(payload) as Record<string, unknown> & { sid: string };
}

export async function isActive(stack: Stack, { access_token: token }: TokenResponse): Promise<boolean> {
  return ((await stack.introspect(token)).json as { active: boolean }).active;
}

/**
 * At the server that ended the session this is so at once. Another replica answers from memory until it is told of the
 * change, a moment later; only what spends a token asks the database each time.
 */
export function becomesInactive(stack: Stack, session: TokenResponse): Promise<void> {
  return eventually(async () => expect(await isActive(stack, session)).toBe(false));
}

/** The stored row of a session's authorization. */
export async function authorizationOf(stack: Stack, session: TokenResponse): Promise<Row> {
  const [row] = await stack.database.query(
    sql`SELECT * FROM authorizations WHERE id = ${idToBytes(claimsOf(session).sid)}`,
  );
  if (row === undefined) throw new Error('The authorization is not stored');
  return row;
}

/** Changes the stored row of a session's authorization behind the server's back. */
export async function alterAuthorization(
  stack: Stack,
  session: TokenResponse,
  assignments: Sql,
): Promise<void> {
  await stack.database.execute(
    sql`UPDATE authorizations SET ${assignments} WHERE id = ${idToBytes(claimsOf(session).sid)}`,
  );
  forgetAll(stack);
}

/** After a row was changed in a way that no server changes it, so that no server was told. */
export function forgetAll({ application }: Stack): void {
  for (const cache of application.get(Caches).all) cache.clear();
}

/** Lets time pass for a session: everything that is stored about it becomes older. */
export function passTime(stack: Stack, session: TokenResponse, seconds: number): Promise<void> {
  const ms = seconds * 1000;
  return alterAuthorization(
    stack,
    session,
    sql`created_at = created_at - ${ms}, rotated_at = rotated_at - ${ms}, expires_at = expires_at - ${ms}`,
  );
}

/** The audit events about a session, oldest first; retries within its grace are another matter. */
export async function auditKindsOf(stack: Stack, session: TokenResponse): Promise<string[]> {
  const rows = await stack.database.query<{ kind: string }>(
    sql`SELECT kind FROM audit_events
      WHERE sid = ${idToBytes(claimsOf(session).sid)} AND kind <> 'refresh_token_repeated' ORDER BY occurred_at, id`,
  );
  return rows.map(({ kind }) => kind);
}
