import { describe, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { ALICE, OTHER, SHOP } from '../support/builders.js';
import { expectTokens } from '../support/expectations.js';
import type { Credentials } from '../support/http.js';
import { metricOf } from '../support/metrics.js';
import { startStack } from '../support/stack.js';

describe('A login that finds the queue full', () => {
  it('is counted, is no failure of the user, and is not stored', async () => {
    const stack = await startStack('sqlite', {
      environment: { HASH_QUEUE_LIMIT: '1', HASH_QUEUE_DEADLINE_MS: '60000' },
    });
    try {
      const answers = await Promise.all(Array.from({ length: 8 }, () => stack.login(ALICE)));
      const refused = answers.filter(({ status }) => status === 503);
      expect(refused.length).toBeGreaterThan(0);
      const { application } = stack;
      const outcome = (name: string) => metricOf(application, 'latchkey_logins_total', { outcome: name });
      expect(await outcome('queue_full')).toBe(refused.length);
      expect(await outcome('success')).toBe(answers.length - refused.length);
      const full = { reason: 'full' };
      expect(await metricOf(application, 'latchkey_hash_queue_refusals_total', full)).toBe(refused.length);
      expect(await metricOf(application, 'latchkey_hash_run_seconds_count')).toBe(
        await metricOf(application, 'latchkey_hash_queue_wait_seconds_count'),
      );
      expect(await metricOf(application, 'latchkey_hash_queue_depth')).toBe(0);
      expect(await metricOf(application, 'latchkey_hash_pool_running')).toBe(0);
      expect(await stack.database.query(sql`SELECT 1 FROM audit_events WHERE outcome = 'failure'`)).toEqual(
        [],
      );
    } finally {
      await stack.stop();
    }
  });
});

describe('Many refused passwords', () => {
  it('raise an alarm for the client and for all, and refuse no right password', async () => {
    const stack = await startStack('sqlite', {
      environment: { LOGIN_ALARM_CLIENT: '3', LOGIN_ALARM_GLOBAL: '5', LOGIN_ALARM_WINDOW: '600' },
    });
    try {
      const alarm = (scope: string) => metricOf(stack.application, 'latchkey_login_failure_alarm', { scope });
      const guess = (name: string, client: Credentials = SHOP) =>
        stack.login({ username: name, password: 'wrong' }, {}, client);
      await guess('nobody-1');
      await guess('nobody-2');
      await guess('nobody-3', OTHER);
      expect([await alarm('client'), await alarm('global')]).toEqual([0, 0]);
      await guess('nobody-4');
      expect([await alarm('client'), await alarm('global')]).toEqual([1, 0]);
      await guess('nobody-5', OTHER);
      expect([await alarm('client'), await alarm('global')]).toEqual([1, 1]);
      expectTokens(await stack.login(ALICE));
      const warnings = stack.log
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ msg }) => msg === 'many logins fail');
      expect(warnings).toMatchObject([
        { level: 40, scope: 'client', client_id: SHOP.clientId, failures: 3, threshold: 3, window: 600 },
        { level: 40, scope: 'global', failures: 5, threshold: 5, window: 600 },
      ]);
    } finally {
      await stack.stop();
    }
  });
});
