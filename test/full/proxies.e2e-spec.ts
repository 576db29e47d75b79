import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { Agent, fetch } from 'undici';
import { anAdministeredConfiguration, EVERYTHING, ROOT } from '../support/admin-api.js';
import { ALICE, API, RESOURCE_SERVER, SHOP } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { expectActive, expectInactive, expectTokens } from '../support/expectations.js';
import { FeedClient } from '../support/feed-client.js';
import { basic, send, type Answer, type Credentials } from '../support/http.js';
import { describeWithPrograms } from '../support/programs.js';
import { PROXIES, PROXY_CERTIFICATE, startProxy, type Proxy } from '../support/proxies.js';
import { ServerProcess } from '../support/server-process.js';
import { freePort } from '../support/ports.js';
import { startStack, type Stack } from '../support/stack.js';

/** Where a client of the proxies comes from: not from where they themselves do. */
const CLIENT = '127.0.0.2';
const SPOOFED = '198.51.100.66';

const packages = PROXIES.map((kind) => kind.package);

describeWithPrograms('The server behind', packages, () => {
  describe.each(PROXIES)('$name', (kind) => {
    let stack: Stack;
    let proxy: Proxy;
    let agent: Agent;

    beforeAll(async () => {
      const port = await freePort();
      const issuer = `https://127.0.0.1:${port}`;
      stack = await startStack('sqlite', {
        configuration: anAdministeredConfiguration(issuer),
        environment: { ISSUER: issuer, TRUST_PROXY: '127.0.0.1' },
      });
      const ca = await readFile(PROXY_CERTIFICATE, 'utf8');
      agent = new Agent({ connect: { ca }, localAddress: CLIENT });
      const { port: target } = await ownAddress();
      proxy = await startProxy(kind, port, `http://127.0.0.1:${target}`);
    });

    afterAll(async () => {
      await agent?.close();
      await proxy?.stop();
      await stack?.stop();
    });

    const ownAddress = async () => new URL(await stack.application.getUrl());

    /** As most HTTP clients do: asks for compression, and undoes it. */
    const ask = async (
      method: string,
      path: string,
      headers: Record<string, string>,
      body?: string,
    ): Promise<Answer> => {
      const answer = await fetch(`${proxy.url}${path}`, {
        method,
        headers: { 'x-forwarded-for': SPOOFED, ...headers },
        ...(body !== undefined && { body }),
        dispatcher: agent,
      });
      const text = await answer.text();
      return {
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        text,
        json: text === '' ? undefined : JSON.parse(text),
      };
    };

    const post = (endpoint: string, form: Record<string, string>, client: Credentials): Promise<Answer> =>
      ask(
        'POST',
        `/oauth/${endpoint}`,
        { authorization: basic(client), 'content-type': 'application/x-www-form-urlencoded' },
        new URLSearchParams(form).toString(),
      );

    const login = async () => expectTokens(await post('token', { grant_type: 'password', ...ALICE }, SHOP));

    it('takes logins, refreshes, introspection and revocation', async () => {
      const session = await login();
      const refresh = { grant_type: 'refresh_token', refresh_token: session.refresh_token ?? '' };
      const { access_token: token } = expectTokens(await post('token', refresh, SHOP));
      expectActive(await post('introspect', { token }, RESOURCE_SERVER));
      expect((await post('revoke', { token }, SHOP)).status).toBe(200);
      expectInactive(await post('introspect', { token }, RESOURCE_SERVER));
    });

    it('knows the address of who logs in, whatever they say it is', async () => {
      await login();
      const rows = await stack.database.query<{ address: string }>(
        sql`SELECT address FROM audit_events WHERE kind = 'login'`,
      );
      expect(new Set(rows.map(({ address }) => address))).toEqual(new Set([CLIENT]));
    });

    it('is administered, with entity tags of compressed answers and with any name', async () => {
      const { access_token: token } = expectTokens(
        await post('token', { grant_type: 'client_credentials', scope: EVERYTHING }, ROOT),
      );
      const authorization = `Bearer ${token}`;
      const json = { authorization, 'content-type': 'application/json' };
      const name = 'https://example.com/a b%2F?x';
      const created = await ask(
        'POST',
        '/admin/clients',
        json,
        JSON.stringify({
          client_id: name,
          grant_types: ['password'],
          scope: 'resources:read',
          audience: [API],
        }),
      );
      expect({ status: created.status, text: created.text }).toMatchObject({ status: 201 });
      const path = `/admin/clients/${encodeURIComponent(name)}`;
      const patch = { ...json, 'content-type': 'application/merge-patch+json' };
      const read = await ask('GET', path, { authorization });
      expect(read).toMatchObject({ status: 200, headers: { 'content-encoding': 'gzip' } });
      const tag = String(read.headers.etag);
      const change = JSON.stringify({ client_name: 'Changed' });
      expect((await ask('PATCH', path, { ...patch, 'if-match': tag }, change)).status).toBe(200);
      expect((await ask('PATCH', path, { ...patch, 'if-match': tag }, change)).status).toBe(412);
      expect((await ask('POST', `${path}/disable`, json)).status).toBe(200);
      expect((await ask('DELETE', path, json)).status).toBe(204);
    });

    it('tells at once of what is revoked', async () => {
      const ca = await readFile(PROXY_CERTIFICATE, 'utf8');
      const feed = await FeedClient.openWith({ issuer: proxy.url }, basic(RESOURCE_SERVER), {
        connect: { ca },
      });
      try {
        await feed.until(() => feed.named('live').length > 0);
        for (let revoked = 0; revoked < 3; revoked++) {
          const { access_token: token } = await login();
          await post('revoke', { token }, SHOP);
          await feed.until(() => feed.revoked.length > revoked);
        }
        await feed.until(() => feed.heartbeats.length > 1);
      } finally {
        feed.close();
      }
    });

    it('is there for the guard of an API', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'latchkey-behind-'));
      const api = await ServerProcess.start({
        program: 'resource-server',
        environment: {
          PORT: String(await freePort()),
          AUTHORIZATION_SERVER_URL: proxy.url,
          CLIENT_ID: RESOURCE_SERVER.clientId,
          CLIENT_SECRET: RESOURCE_SERVER.secret,
          AUDIENCE: API,
          DATABASE_URL: `sqlite:${join(folder, 'api.sqlite')}`,
          NODE_EXTRA_CA_CERTS: PROXY_CERTIFICATE,
        },
      });
      try {
        const { access_token: token } = await login();
        const call = () => send(`${api.url}/resources`, { headers: { authorization: `Bearer ${token}` } });
        expect((await call()).status).toBe(200);
        expect((await post('revoke', { token }, SHOP)).status).toBe(200);
        await eventually(async () => expect((await call()).status).toBe(401));
      } finally {
        await api.stop();
        await rm(folder, { recursive: true });
      }
    });
  });
});
