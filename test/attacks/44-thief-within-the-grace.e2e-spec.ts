import { afterEach, expect, it } from '@jest/globals';
import { idToBytes } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { ALICE, aConfiguration, aResourceServer } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError } from '../support/expectations.js';
import { postForm } from '../support/http.js';
import { Servers } from '../support/servers.js';
import {
  aClientNamed,
  claimsOf,
  credentialsOf,
  expectSession,
  isActive,
  passTime,
  type Session,
} from '../support/sessions.js';

const GRACE = 300;
const OWNER = '203.0.113.7';
const THIEF = '198.51.100.9';

const CLIENTS = [
  aClientNamed('mobile', { refresh_token_grace: GRACE, forwards_end_user_address: true }),
  aClientNamed('strict', { refresh_token_grace: 0 }),
  aClientNamed('careful', { refresh_token_grace: GRACE, refresh_token_max_retries: 1 }),
  aResourceServer(),
];

interface Trace {
  readonly reason: string;
  readonly token: string;
  readonly rotated_from: string | null;
}

describeEachDatabase('A thief who keeps within the grace leaves a trace', (dialect) => {
  let servers: Servers;

  const start = async (clientId: string): Promise<Session> => {
    servers = await Servers.start(dialect, { configuration: aConfiguration({ clients: CLIENTS }) });
    return expectSession(await servers.first.login(ALICE, {}, credentialsOf(clientId)));
  };

  /** The thief asks at another server than the owner. */
  const from = async (address: string, token: string): Promise<Session> => {
    const { issuer } = address === THIEF ? servers.second : servers.first;
    const form = { grant_type: 'refresh_token', refresh_token: token };
    const headers = { 'latchkey-forwarded-for': address };
    return expectSession(await postForm(`${issuer}/oauth/token`, form, credentialsOf('mobile'), headers));
  };

  const traces = async (session: Session) => {
    const rows = await servers.first.database.query<{ address: string; count: number; detail: string }>(sql`
      SELECT address, count, detail FROM audit_events
      WHERE kind = 'refresh_token_repeated' AND sid = ${idToBytes(claimsOf(session).sid)} ORDER BY id`);
    return rows.map(({ address, count, detail }) => ({ address, count, ...(JSON.parse(detail) as Trace) }));
  };

  /** All rows together: how many of them there are depends on when a minute ends. */
  const counted = async (session: Session): Promise<number> =>
    (await traces(session)).reduce((sum, { count }) => sum + count, 0);

  afterEach(() => servers.stop());

  it('whoever is second with a token, each time', async () => {
    let session = await start('mobile');
    for (let turn = 1; turn <= 3; turn++) {
      const successor = await from(OWNER, session.refresh_token);
      expect((await from(THIEF, session.refresh_token)).refresh_token).toBe(successor.refresh_token);
      expect(await counted(session)).toBe(turn);
      await passTime(servers.first, session, GRACE + 1);
      session = successor;
    }
    for (const trace of await traces(session)) {
      expect(trace).toMatchObject({
        reason: 'other_address',
        token: 'spent',
        address: THIEF,
        rotated_from: OWNER,
      });
    }
  });

  it('the same from the first place, and with the token that is good now', async () => {
    const session = await start('mobile');
    const successor = await from(OWNER, session.refresh_token);
    await from(OWNER, successor.refresh_token);
    expect(await traces(session)).toEqual([]);
    await from(OWNER, session.refresh_token);
    expect(await traces(session)).toMatchObject([{ reason: 'spent_token', token: 'spent', address: OWNER }]);
    await from(THIEF, successor.refresh_token);
    expect((await traces(session))[1]).toMatchObject({ reason: 'other_address', token: 'current' });
  });

  it('a network is one address: all of an IPv6 prefix', async () => {
    const session = await start('mobile');
    const successor = await from('2001:db8:1:2::1', session.refresh_token);
    await from('2001:db8:1:2::2', successor.refresh_token);
    expect(await traces(session)).toEqual([]);
    await from('2001:db8:1:3::1', successor.refresh_token);
    expect(await traces(session)).toMatchObject([
      { reason: 'other_address', rotated_from: '2001:db8:1:2::1' },
    ]);
  });

  it('without a grace, the second one ends the session', async () => {
    const session = await start('strict');
    const successor = expectSession(
      await servers.first.refresh(session.refresh_token, {}, credentialsOf('strict')),
    );
    const second = await servers.second.refresh(session.refresh_token, {}, credentialsOf('strict'));
    expectOAuthError(second, 400, 'invalid_grant');
    expect(await isActive(servers.second, successor)).toBe(false);
  });

  it('with one retry, owner and thief cannot both have one, however fast they are', async () => {
    const session = await start('careful');
    const refresh = (index: number) =>
      servers.of(index).refresh(session.refresh_token, {}, credentialsOf('careful'));
    const answers = await Promise.all(Array.from({ length: 6 }, (_, index) => refresh(index)));
    const granted = answers.filter(({ status }) => status === 200);
    expect(granted.length).toBeGreaterThanOrEqual(1);
    expect(granted.length).toBeLessThanOrEqual(2);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expectOAuthError(answer, 400, 'invalid_grant');
    }
    expect(await isActive(servers.second, session)).toBe(false);
    expect(await counted(session)).toBeLessThanOrEqual(1);
  });

  it('each rotation gives the retry anew, and what is not spent needs none', async () => {
    let session = await start('careful');
    const refresh = async (token: string) =>
      expectSession(await servers.second.refresh(token, {}, credentialsOf('careful')));
    for (let turn = 0; turn < 3; turn++) {
      const successor = await refresh(session.refresh_token);
      expect((await refresh(session.refresh_token)).refresh_token).toBe(successor.refresh_token);
      await refresh(successor.refresh_token);
      await refresh(successor.refresh_token);
      await passTime(servers.first, session, GRACE + 1);
      session = successor;
    }
    expect(await isActive(servers.first, session)).toBe(true);
  });
});
