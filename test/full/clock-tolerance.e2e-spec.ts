import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import {
  startGuarded,
  type GuardedApplication,
  type GuardedOptions,
} from '../library/support/guarded-application.js';
import { JwtIssuer } from '../library/support/jwt-issuer.js';

describe('Clocks of hosts differ', () => {
  let issuer: JwtIssuer;
  let application: GuardedApplication;

  const start = async ({ options = {}, ...rest }: GuardedOptions = {}) => {
    application = await startGuarded({
      ...rest,
      options: { validation: 'local', jwks: { uri: issuer.url }, ...options },
    });
  };

  beforeEach(async () => {
    issuer = await JwtIssuer.start();
  });

  afterEach(async () => {
    await application.stop();
    await issuer.stop();
  });

  const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

  it.each<[string, number | undefined, () => Record<string, unknown>, number]>([
    ['that ended 2 s ago', undefined, () => ({ exp: inSeconds(-2) }), 200],
    ['that ended 7 s ago', undefined, () => ({ exp: inSeconds(-7) }), 401],
    ['that ended 7 s ago', 30, () => ({ exp: inSeconds(-7) }), 200],
    ['that ended just now', 0, () => ({ exp: inSeconds(0) }), 401],
    ['that begins in 4 s', undefined, () => ({ nbf: inSeconds(4) }), 200],
    ['that begins in 20 s', undefined, () => ({ nbf: inSeconds(20) }), 401],
    ['that begins in 4 s', 0, () => ({ nbf: inSeconds(4) }), 401],
    ['that was issued in 4 s', 0, () => ({ iat: inSeconds(4) }), 200],
  ])('judges a token %s with a tolerance of %s s', async (_, clockTolerance, claims, status) => {
    await start({
      options: { validation: 'local', ...(clockTolerance !== undefined && { clockTolerance }) },
    });
    expect(await application.get(await issuer.sign(claims()))).toBe(status);
    expect(application.introspection.asked).toEqual([]);
  });

  it('does not remember a token past its end, however clocks differ', async () => {
    await start();
    const token = await issuer.sign({ exp: inSeconds(-1) });
    for (let times = 1; times <= 2; times++) {
      expect(await application.get(token)).toBe(200);
      expect(application.status.counters.validations).toBe(times);
    }
    expect(application.status.rememberedTokens).toBe(0);
  });

  it.each([
    ['ahead of', -600],
    ['behind', 600],
  ])(
    'warns when the clock of this host is %s the clock of the server by more than is tolerated',
    async (direction, seconds) => {
      await start({ feed: { clockOffset: seconds * 1000 } });
      await eventually(() =>
        expect(application.log.join('\n')).toMatch(
          new RegExp(
            `The clock of this host is (600|599) s ${direction} the clock of the authorization server`,
          ),
        ),
      );
    },
  );

  it.each([-3, 0, 3])('does not warn of clocks that differ by %i s', async (seconds) => {
    await start({ feed: { clockOffset: seconds * 1000 } });
    application.feed.cut();
    await application.until('degraded');
    await application.until('live');
    expect(application.log.join('\n')).not.toContain('The clock of this host');
  });
});
