import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FreshnessStatus, type FeedState } from '@latchkey/resource-server';
import { ALICE } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { api } from '../support/http.js';
import { metricOf, samplesOf } from '../support/metrics.js';
import { expectSession } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

describe('The metrics of the guard in the sample resource server', () => {
  let stack: Stack;
  let server: NestFastifyApplication;

  const happened = (event: string) => metricOf(server, 'latchkey_guard_events_total', { event });
  const remembered = (what: string) => metricOf(server, 'latchkey_guard_remembered', { what });
  const feedIs = (state: FeedState) =>
    eventually(() => expect(server.get(FreshnessStatus).feedState).toBe(state));

  async function states(): Promise<string[]> {
    const samples = await samplesOf(server);
    const current = samples.filter(({ name, value }) => name === 'latchkey_guard_feed_state' && value === 1);
    return current.map(({ labels }) => labels.state ?? '');
  }

  async function age(): Promise<number | null> {
    const samples = await samplesOf(server);
    return samples.find(({ name }) => name === 'latchkey_guard_feed_age_seconds')?.value ?? null;
  }

  beforeAll(async () => {
    stack = await startStack('sqlite', { resourceServer: true });
    server = stack.resourceServer!;
    await feedIs('live');
  });

  afterAll(() => stack.stop());

  it('tell one state of the feed, and its age', async () => {
    expect(await states()).toEqual(['live']);
    expect(await age()).toBeGreaterThanOrEqual(0);
    expect(await happened('feed_connection')).toBe(1);
  });

  it('count what was asked, what was remembered, and what the feed took back', async () => {
    const { access_token, refresh_token } = expectSession(await stack.login(ALICE));
    const get = () => api('GET', stack.resources, access_token);
    expect((await get()).status).toBe(200);
    expect([await happened('introspection'), await happened('hit'), await remembered('tokens')]).toEqual([
      1, 0, 1,
    ]);
    expect((await get()).status).toBe(200);
    expect([await happened('introspection'), await happened('hit')]).toEqual([1, 1]);
    const [told, revocations] = [await happened('feed_event'), await remembered('revocations')];
    await stack.revoke(refresh_token);
    await eventually(async () => expect(await happened('feed_event')).toBe(told + 1));
    expect(await remembered('revocations')).toBe(revocations + 1);
    expect((await get()).status).toBe(401);
    expect(await happened('validation')).toBe(0);
  });

  it('tell when the feed is lost, and how old what the guard knows is', async () => {
    await stack.application.close();
    await eventually(async () => expect(await states()).toEqual(['down']));
    const before = await age();
    await eventually(async () => expect(await age()).toBeGreaterThan(before ?? Infinity));
  }, 60_000);
});
