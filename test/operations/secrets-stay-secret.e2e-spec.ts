import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ALICE, OTHER, RESOURCE_SERVER, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { basic, send, type Answer } from '../support/http.js';
import { Installation } from '../support/installation.js';
import { expectSession } from '../support/sessions.js';
import type { Stack } from '../support/stack.js';

/** What nobody may find again, wherever it was sent. Each is long enough to be recognised in part of a line. */
const CANARY = 'canary-4711-not-a-secret-of-anybody';
const FORM = 'application/x-www-form-urlencoded';

const ENDPOINTS = [
  '/oauth/token',
  '/oauth/introspect',
  '/oauth/revoke',
  '/oauth/jwks',
  '/health/ready',
  '/no-such-path',
];

describeEachDatabase('Passwords, secrets and tokens', (dialect) => {
  let installation: Installation;
  let stack: Stack;
  const answers: Answer[] = [];
  const secrets = [CANARY, ALICE.password, SHOP.secret, OTHER.secret, RESOURCE_SERVER.secret];

  const post = async (path: string, form: Record<string, string>, headers: Record<string, string> = {}) => {
    const answer = await send(`${stack.issuer}${path}`, {
      method: 'POST',
      headers: { 'content-type': FORM, ...headers },
      body: new URLSearchParams(form).toString(),
    });
    answers.push(answer);
    return answer;
  };

  beforeAll(async () => {
    installation = await Installation.create(dialect);
    stack = await installation.start(undefined, { LOG_LEVEL: 'trace' });

    // Right places: a session from login to revocation.
    const session = expectSession(await stack.login(ALICE));
    const refreshed = expectSession(await stack.refresh(session.refresh_token));
    await stack.introspect(refreshed.access_token);
    await stack.revoke(refreshed.access_token);
    for (const tokens of [session, refreshed]) {
      secrets.push(tokens.access_token, tokens.access_token.split('.')[2] ?? '', tokens.refresh_token);
    }

    // Wrong places: every parameter and header of every endpoint, with and without a client that is known.
    const authorization = basic(SHOP);
    secrets.push(authorization.slice('Basic '.length));
    for (const path of ENDPOINTS) {
      for (const grant_type of ['password', 'refresh_token', 'client_credentials', CANARY]) {
        const form = {
          grant_type,
          username: CANARY,
          password: CANARY,
          refresh_token: CANARY,
          token: CANARY,
          scope: CANARY,
        };
        await post(path, form, { authorization });
        await post(path, { ...form, client_id: CANARY, client_secret: CANARY });
        await post(path, { ...form, client_id: SHOP.clientId, client_secret: CANARY });
        await post(path, { ...form, [CANARY]: CANARY }, { authorization });
      }
      for (const header of [
        'authorization',
        'cookie',
        'x-request-id',
        'user-agent',
        'content-type',
        'x-forwarded-for',
      ]) {
        await post(
          path,
          { token: CANARY },
          { [header]: header === 'authorization' ? `Bearer ${CANARY}` : CANARY },
        );
      }
      await post(
        path,
        {},
        { authorization: `Basic ${Buffer.from(`${CANARY}:${CANARY}`).toString('base64')}` },
      );
      answers.push(await send(`${stack.issuer}${path}?password=${CANARY}&token=${CANARY}`));
    }
    secrets.push(Buffer.from(CANARY).toString('base64').slice(0, 40));
  });

  afterAll(async () => {
    await installation.drop();
  });

  it('are in no answer to a refused request', () => {
    for (const { status, text, headers } of answers) {
      expect({ status, found: secrets.filter((secret) => text.includes(secret)) }).toEqual({
        status,
        found: [],
      });
      expect(JSON.stringify(headers)).not.toContain(CANARY);
    }
  });

  it('never make the server fail', () => {
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  });

  it('are in no log line, and every error can be found there by its request id', () => {
    expect(stack.log.length).toBeGreaterThan(answers.length);
    const found = stack.log.filter((line) => secrets.some((secret) => line.includes(secret)));
    expect(found).toEqual([]);
    const logged = new Set(stack.log.map((line) => (JSON.parse(line) as { request_id?: string }).request_id));
    const errors = answers.filter(({ status }) => status >= 400);
    expect(errors.length).toBeGreaterThan(50);
    expect(errors.filter(({ headers }) => !logged.has(String(headers['x-request-id'])))).toEqual([]);
  });

  it('are in no table, audit trail included, and no file beside it', async () => {
    await stack.stop();
    const tables = await installation.dump();
    const texts = Object.entries(tables).flatMap(([table, rows]) =>
      rows.flatMap((row) =>
        Object.values(row).map((value) => ({
          table,
          text: Buffer.isBuffer(value) ? value.toString('latin1') : String(value),
        })),
      ),
    );
    expect(texts.length).toBeGreaterThan(50);
    const found = texts.filter(({ text }) => secrets.some((secret) => text.includes(secret)));
    expect(found).toEqual([]);
  });
});
