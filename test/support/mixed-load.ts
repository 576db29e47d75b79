import { once, EventEmitter } from 'node:events';
import { ALICE, RESOURCE_SERVER, SHOP } from './builders.js';
import { postForm, type Answer } from './http.js';
import type { Session } from './sessions.js';

interface LoadResult {
  /** What was not answered as it should be. */
  readonly failures: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Clients that log in, refresh, introspect and revoke, one after the other, until they are stopped. */
export function startMixedLoad(
  url: string,
  clients: number,
): {
  /** Waits until each client has done all of it once more. */
  moves(): Promise<void>;
  stop(): Promise<LoadResult>;
} {
  const failures: string[] = [];
  const counts: Record<string, number> = { login: 0, refresh: 0, introspect: 0, revoke: 0 };
  const rounds = new EventEmitter();
  let isRunning = true;

  const attempt = async (
    kind: string,
    send: () => Promise<Answer>,
    isRight: (answer: Answer) => boolean,
  ): Promise<Answer | null> => {
    counts[kind] = (counts[kind] ?? 0) + 1;
    try {
      const answer = await send();
      if (isRight(answer)) return answer;
      failures.push(`${kind}: ${answer.status} ${answer.text}`);
    } catch (error) {
      failures.push(`${kind}: ${String(error)}`);
    }
    return null;
  };
  const token = (kind: string, form: Record<string, string>) =>
    attempt(
      kind,
      () => postForm(`${url}/oauth/token`, form, SHOP),
      ({ status }) => status === 200,
    );
  /** A server is told of another one's revocation a moment later, so what was revoked may be either. */
  const introspect = (session: Session, isLive: boolean) =>
    attempt(
      'introspect',
      () => postForm(`${url}/oauth/introspect`, { token: session.access_token }, RESOURCE_SERVER),
      ({ status, json }) => status === 200 && (!isLive || (json as { active: unknown }).active === true),
    );

  const round = async (): Promise<void> => {
    const login = await token('login', { grant_type: 'password', ...ALICE });
    let session = login?.json as Session | undefined;
    for (let count = 0; session !== undefined && count < 5; count++) {
      await introspect(session, true);
      const refreshed = await token('refresh', {
        grant_type: 'refresh_token',
        refresh_token: session.refresh_token,
      });
      session = refreshed?.json as Session | undefined;
    }
    if (session === undefined) return;
    const { refresh_token: last } = session;
    const revoke = () => postForm(`${url}/oauth/revoke`, { token: last }, SHOP);
    await attempt('revoke', revoke, ({ status }) => status === 200);
    await introspect(session, false);
  };
  const running = Array.from({ length: clients }, async (_, client) => {
    while (isRunning) {
      await round();
      rounds.emit(String(client));
    }
  });
  return {
    async moves() {
      // The first round that ends may have begun before.
      for (let count = 0; count < 2; count++) {
        await Promise.all(running.map((_, client) => once(rounds, String(client))));
      }
    },
    async stop() {
      isRunning = false;
      await Promise.all(running);
      return { failures, counts };
    },
  };
}
