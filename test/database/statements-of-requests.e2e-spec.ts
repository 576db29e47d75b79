import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { aClient, aConfiguration, aResourceServer, ALICE, RESOURCE_SERVER } from '../support/builders.js';
import { expectSession } from '../support/sessions.js';
import { postForm } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';

/** What a server tells itself every second, to know that it is in sync. */
const HEARTBEAT = 'pg_notify';

describe('What requests ask PostgreSQL', () => {
  let stack: Stack;

  beforeAll(async () => {
    const clients = [aClient({ refresh_token_grace: 0 }), aResourceServer()];
    stack = await startStack('postgres', { configuration: aConfiguration({ clients }) });
  });

  afterAll(() => stack.stop());
  afterEach(() => void jest.restoreAllMocks());

  /** The statements that are sent while something is done, each of them a round trip. */
  async function statementsOf(act: () => Promise<unknown>): Promise<string[]> {
    const query = jest.spyOn(pg.Client.prototype, 'query').mockClear();
    await act();
    const texts = query.mock.calls.map(([first]) => {
      const { text } = first as unknown as { text?: string };
      return text ?? String(first);
    });
    return texts.filter((text) => !text.includes(HEARTBEAT));
  }

  it('asks nothing for the introspection of a token that is known', async () => {
    const { access_token: token } = expectSession(await stack.login(ALICE));
    const introspect = () => postForm(`${stack.issuer}/oauth/introspect`, { token }, RESOURCE_SERVER);
    expect((await introspect()).json).toMatchObject({ active: true });
    expect(
      await statementsOf(async () => expect((await introspect()).json).toMatchObject({ active: true })),
    ).toEqual([]);
  });

  const kinds = (statements: string[]) => statements.map((text) => /\w+/.exec(text)?.[0]);

  it('rotates a session that it remembers in one statement, and reads another one first', async () => {
    let { refresh_token: token } = expectSession(await stack.login(ALICE));
    const refresh = () =>
      statementsOf(async () => ({ refresh_token: token } = expectSession(await stack.refresh(token))));
    expect(kinds(await refresh())).toEqual(['SELECT', 'UPDATE']);
    expect(kinds(await refresh())).toEqual(['UPDATE']);
    expect(kinds(await refresh())).toEqual(['UPDATE']);
  });

  it('refuses what memory does not know to be good by what it reads', async () => {
    const { refresh_token: token } = expectSession(await stack.login(ALICE));
    expectSession(await stack.refresh(token));
    const statements = await statementsOf(async () => {
      expect((await stack.refresh(`${token}x`)).status).toBe(400);
      expect((await stack.refresh(token, { scope: 'unknown' })).status).toBe(400);
    });
    expect(kinds(statements)).not.toContain('UPDATE');
  });

  it('needs three round trips for a login', async () => {
    expectSession(await stack.login(ALICE));
    const statements = await statementsOf(async () => expectSession(await stack.login(ALICE)));
    expect(kinds(statements)).toHaveLength(3);
  });
});
