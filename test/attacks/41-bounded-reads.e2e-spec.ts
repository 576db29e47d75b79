import { afterAll, beforeAll, expect, it } from '@jest/globals';
import sql, { raw } from 'sql-template-tag';
import { CleanupService } from '../../apps/authorization-server/src/cleanup/cleanup.service.js';
import { administrationBy, administrator, EVERYTHING, ROOT } from '../support/admin-api.js';
import { aClient, aConfiguration, ALICE, API } from '../support/builders.js';
import { describeEachDatabase, type TestDatabase } from '../support/databases.js';
import { countRows, recordSent, type RowCounter } from '../support/examined-rows.js';
import { expectTokens } from '../support/expectations.js';
import { api, send } from '../support/http.js';
import { fillTables, TABLES } from '../support/many-rows.js';
import { createServerDatabase } from '../support/server-databases.js';
import { startStack, type Stack } from '../support/stack.js';

/** Of each table. */
const ROWS = 40_000;

/** For one request: some examinations of 2,000 rows each, and what belongs to what they find. */
const MAX_EXAMINED = 20_000;

/** For one statement of what reads a whole table in portions, with turns of the event loop in between. */
const MAX_PORTION = 10_000;

/** Of the filters of a list as they are combined. */
const MAX_FILTERS = 2;

/**
 * For each filter of any list a value that every second row has, one that all others have, and one that none has. Two
 * filters together may so find nothing though each of them finds half of the rows.
 */
const FILTERS: Readonly<Record<string, readonly string[]>> = {
  actor: ['actor-0', 'actor-1', 'nobody'],
  subject: ['subject-0', 'subject-1', 'nobody'],
  client_id: ['client-0', 'client-1', 'none'],
  kind: ['client_authorized', 'login', 'user_deleted'],
  outcome: ['success', 'failure'],
  since: [new Date(Date.now() - 900_000).toISOString(), new Date(Date.now() + 600_000).toISOString()],
  until: [new Date(Date.now() - 900_000).toISOString(), new Date(Date.now() - 3_000_000).toISOString()],
  user: ['heavy-0', 'heavy-1', 'nobody'],
  state: ['revoked', 'ended', 'live', 'expired'],
  include_client_credentials: ['true', 'false'],
  username: ['heavy-0', 'nobody'],
  prefix: ['many', 'scope', 'nothing'],
  enabled: ['true', 'false'],
  has_second_factor: ['true', 'false'],
  group: ['group-0', 'group-1', 'nobody'],
  grant_type: ['password', 'client_credentials', 'refresh_token'],
  scope: ['scope-0', 'scope-1', 'none'],
  client_name: ['Name 0', 'Name 1', 'None'],
};

/** For each parameter in the path of a list. */
const PATHS: Readonly<Record<string, string>> = {
  client_id: 'client-0',
  name: 'scope-0',
  sub: 'heavy-0',
  id: '01890000-0000-7000-8000-000000000000',
};

/** Tells for as long as it is listened to. */
const STREAM = '/oauth/revocations';

/** Sum up a table in portions, and keep the sums. */
const REPORTS = ['/admin/password-grant-usage', '/admin/second-factors'];

interface Parameter {
  readonly name: string;
  readonly in: string;
}

describeEachDatabase('No read looks at more rows than a bound', (dialect) => {
  let database: TestDatabase;
  let stack: Stack;
  let counter: RowCounter;
  let recording: ReturnType<typeof recordSent>;
  const tokens = new Map<string, string>();
  let reads: { path: string; filters: readonly string[] }[];

  beforeAll(async () => {
    database = await createServerDatabase(dialect);
    stack = await startStack(dialect, { database, configuration, environment: {} });
    const owner = expectTokens(await stack.login(ALICE));
    await fillTables(stack.database, ROWS);
    tokens.set('/admin/', String((await administrationBy(stack, ROOT, EVERYTHING)).token));
    tokens.set('/account/', owner.access_token);
    const waiting = await stack.login(ALICE, { acr_values: 'urn:latchkey:acr:mfa' });
    tokens.set('/mfa/', (waiting.json as { mfa_token: string }).mfa_token);
    counter = await countRows(dialect, database.url, TABLES);
    const document = await send(`${stack.issuer}/docs/openapi.json`, { method: 'GET' });
    reads = readsOf(document.json as Parameters<typeof readsOf>[0]);
    recording = recordSent(stack.database);
  }, 120_000);

  afterAll(async () => {
    recording.stop();
    await counter.close();
    await stack.stop();
    await database.drop();
  });

  /** How many rows each statement looks at that was sent of late. */
  const countSent = async (isMeant: (statement: string) => boolean) => {
    const reading = recording.sent.filter(({ text }) => /^\s*(SELECT|WITH)\b/.test(text) && isMeant(text));
    const counts: number[] = [];
    for (const statement of reading) counts.push(await counter.count(statement));
    return counts;
  };

  const counted = async (table: string) => {
    const [row] = await stack.database.query<{ total: number | string }>(
      sql`SELECT count(*) AS total FROM ${raw(table)}`,
    );
    return Number(row?.total);
  };

  /** @returns the answer, and how many rows were looked at for it */
  const examine = async (path: string, query: Record<string, string>) => {
    const area = [...tokens.keys()].find((start) => path.startsWith(start)) ?? '';
    const text = `${path}?${new URLSearchParams(query).toString()}`;
    recording.sent.length = 0;
    const answer = await api('GET', `${stack.issuer}${text}`, tokens.get(area) ?? null);
    // The cleanup in the background counts the throttles, see below.
    const counts = await countSent((statement) => !/FROM throttles\s+WHERE key >/.test(statement));
    return { text, answer, examined: sum(counts), largest: Math.max(0, ...counts) };
  };

  it('counts what it claims to count', async () => {
    const all = sql`SELECT * FROM audit_events WHERE outcome = ${'none'} ORDER BY id DESC LIMIT 1`;
    const text = dialect === 'sqlite' ? all.sql : all.text;
    expect(await counter.count({ text, values: all.values })).toBeGreaterThanOrEqual(ROWS);
  });

  it('every list and every other read, with each filter and with several', async () => {
    const tooMany: string[] = [];
    for (const { path, filters } of reads) {
      for (const query of combinations(filters)) {
        const { text, answer, examined, largest } = await examine(path, query);
        expect({ text, status: [200, 404].includes(answer.status) ? 'answered' : answer }).toEqual({
          text,
          status: 'answered',
        });
        const isTooMany = REPORTS.includes(path) ? largest > MAX_PORTION : examined > MAX_EXAMINED;
        if (isTooMany) tooMany.push(`${text}: ${examined}, ${largest} by one statement`);
      }
    }
    expect(tooMany).toEqual([]);
  }, 600_000);

  it('the cleanup, which counts in portions', async () => {
    recording.sent.length = 0;
    await stack.application.get(CleanupService).run();
    const counts = await countSent((statement) => statement.includes('throttles'));
    expect(sum(counts)).toBeGreaterThanOrEqual(ROWS);
    expect(Math.max(...counts)).toBeLessThanOrEqual(MAX_PORTION);
  });

  it.each([
    { call: 'POST /admin/users/heavy-0/disable', status: 200 },
    { call: 'POST /admin/clients/client-0/disable', status: 200 },
    { call: 'POST /admin/authorizations/revoke', status: 204, body: { user: 'heavy-1' } },
    { call: 'POST /admin/authorizations/revoke', status: 204, body: { client_id: 'client-1' } },
    { call: 'DELETE /admin/scopes/scope-0', status: 409 },
    { call: 'DELETE /admin/users/heavy-0', status: 204 },
    { call: 'DELETE /admin/clients/client-0', status: 204 },
  ])('$call touches little, whatever it ends', async ({ call, status, body }) => {
    const [method, path] = call.split(' ') as ['POST' | 'DELETE', string];
    const before = await counted('password_logins');
    recording.sent.length = 0;
    const answer = await api(method, stack.issuer + path, tokens.get('/admin/') ?? null, body);
    expect(answer.status).toBe(status);
    const examined = await countSent((statement) => !/FROM (scopes ORDER|throttles)/.test(statement));
    const writing = recording.sent.filter(({ text }) => /^\s*(UPDATE|DELETE)\b/.test(text));
    const scanned = await Promise.all(writing.map((statement) => counter.scanned(statement)));
    // There are few or none of these here, which PostgreSQL knows.
    const small = ['client_secrets', 'second_factors', 'recovery_codes', 'passkeys', 'passkey_challenges'];
    expect(scanned.flat().filter((table) => !small.includes(table))).toEqual([]);
    if (dialect === 'sqlite') expect(sum(examined)).toBeLessThanOrEqual(MAX_EXAMINED);
    expect(await counted('password_logins')).toBe(before);
  });
});

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** Each read of the document, so that a new one has to be covered here. */
function readsOf(document: {
  paths: Record<string, { get?: { parameters?: readonly Parameter[] } }>;
}): { path: string; filters: readonly string[] }[] {
  return Object.entries(document.paths).flatMap(([template, { get }]) => {
    if (get === undefined || template === STREAM) return [];
    const path = template.replace(/\{(\w+)\}/g, (_, name: string) => known(PATHS, name, template));
    const parameters = (get.parameters ?? []).filter((parameter) => parameter.in === 'query');
    return [{ path, filters: parameters.map(({ name }) => name) }];
  });
}

function known<T>(values: Readonly<Record<string, T>>, name: string, where: string): T {
  const value = values[name];
  if (value === undefined) throw new Error(`There is no value here for ${name} of ${where}`);
  return value;
}

/** Every choice of up to {@link MAX_FILTERS} filters, with every value of each. */
function combinations(names: readonly string[]): Record<string, string>[] {
  const filters = names.filter((name) => name !== 'limit' && name !== 'cursor');
  let chosen: Record<string, string>[] = [{}];
  for (const name of filters) {
    const values = known(FILTERS, name, 'a list');
    const more = chosen
      .filter((query) => Object.keys(query).length < MAX_FILTERS)
      .flatMap((query) => values.map((value) => ({ ...query, [name]: value })));
    chosen = [...chosen, ...more];
  }
  return chosen;
}

function configuration(issuer: string) {
  const scope = 'account resources:read';
  const base = aConfiguration();
  return {
    ...base,
    clients: [
      aClient({ scope, default_scope: scope, audience: [issuer, API] }),
      ...base.clients.slice(1),
      administrator(ROOT, EVERYTHING, issuer),
    ],
  };
}
