import { afterEach, expect, it } from '@jest/globals';
import { AnswerGrid } from '../../apps/authorization-server/src/protection/answer-grid.js';
import { aConfiguration, ALICE, aUser } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { expectOAuthError, expectSameAnswer } from '../support/expectations.js';
import { FREE_ATTEMPTS, STRICT, tryPassword } from '../support/guessing.js';
import { Servers } from '../support/servers.js';

const DISABLED = { username: 'gone', password: 'was right before' };
const IDENTIFIERS = 'supabase/auth 2674, GHSA-6f65-4fv2-wwch, CVE-2024-45052, CVE-2026-23511';

describeEachDatabase(`No answer tells accounts apart (${IDENTIFIERS})`, (dialect) => {
  let servers: Servers;

  afterEach(() => servers.stop());

  it('unknown, wrong, disabled and locked: one answer, one verification at most, and the same grid', async () => {
    servers = await Servers.start(dialect, {
      ...STRICT,
      configuration: aConfiguration({ users: [aUser(), aUser({ ...DISABLED, enabled: false })] }),
    });
    const verifications = servers.countVerifications();
    const grid = servers.first.application.get(AnswerGrid);
    expect(grid.step).toBeGreaterThan(0);
    let held = 0;
    const hold = grid.hold.bind(grid);
    grid.hold = (arrivedAt) => {
      held++;
      return hold(arrivedAt);
    };

    const attempt = async (username: string, password: string, expected: { verifications: number }) => {
      const before = { verifications: verifications.count, held };
      const answer = await tryPassword(servers.first, password, { username });
      expect(verifications.count - before.verifications).toBe(expected.verifications);
      expect(held - before.held).toBe(1);
      return answer;
    };
    const wrong = await attempt(ALICE.username, 'guess', { verifications: 1 });
    expectOAuthError(wrong, 400, 'invalid_grant');
    const others = [
      await attempt('nobody', 'guess', { verifications: 1 }),
      await attempt('no name at all', 'guess', { verifications: 1 }),
      await attempt(DISABLED.username, DISABLED.password, { verifications: 1 }),
    ];
    for (let guess = 1; guess < FREE_ATTEMPTS; guess++) await tryPassword(servers.first, 'guess');
    others.push(await attempt(ALICE.username, ALICE.password, { verifications: 0 }));
    expectSameAnswer(wrong, ...others);
  });
});
