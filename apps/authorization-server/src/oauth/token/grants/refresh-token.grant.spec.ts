import { beforeEach, describe, expect, it } from '@jest/globals';
import { ScopeSet, type TokenResponse } from '@latchkey/contracts';
import { NOW, SCOPE, STATE } from '../../../authorizations/a-state.spec-support.js';
import type { Authorization, AuthorizationState } from '../../../authorizations/authorization.js';
import type { AuthorizationRepository } from '../../../authorizations/authorization-repository.js';
import type { AuthorizationsService } from '../../../authorizations/authorizations.service.js';
import type { Client } from '../../../clients/client.js';
import type { RefreshTokens } from '../../../tokens/refresh-tokens.js';
import type { TokenIssuer } from '../../../tokens/token-issuer.js';
import { OAuthError } from '../../common/oauth-error.js';
import type { RefreshRecorder } from './refresh-recorder.js';
import { RefreshTokenGrant } from './refresh-token.grant.js';
import { GRACE_SECONDS, REGISTRATION } from './refresh-token.grant.spec-support.js';
import { aRequest, CONTEXT } from './token-request.spec-support.js';

const aClient = (overrides: Partial<Client> = {}) =>
  ({ ...STATE.client, key: 1, ...REGISTRATION, ...overrides }) as unknown as Client;
const withState = (changes: Partial<Authorization>, others: Partial<AuthorizationState> = {}) =>
  ({ ...STATE, ...others, authorization: { ...STATE.authorization, ...changes } }) as AuthorizationState;

describe('RefreshTokenGrant', () => {
  let cached: AuthorizationState | null;
  let stored: AuthorizationState | null;
  let presented: number;
  /** What the conditional statement says, one answer after the other; `null` where it changed nothing. */
  let rotations: (number | null)[];
  let retriesLeft: boolean;
  let events: unknown[][];
  let issued: Parameters<TokenIssuer['issue']>[0][];
  let grant: RefreshTokenGrant;

  const refresh = (form = '', client = aClient()) =>
    grant.handle(aRequest(`refresh_token=the-token${form}`, client));
  const refusal = async (form?: string, client?: Client) => {
    const error: unknown = await refresh(form, client).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OAuthError);
    const { code, detail } = error as OAuthError;
    return [code, detail];
  };

  beforeEach(() => {
    [presented, retriesLeft, events, issued] = [0, true, [], []];
    rotations = [NOW + 5];
    cached = withState({});
    stored = cached;
    grant = new RefreshTokenGrant(
      {
        verify: (text: string) =>
          Promise.resolve(
            text === 'the-token' && cached !== null ? { generation: presented, state: cached } : null,
          ),
        create: ({ id }: Authorization, generation: number) => `${id}/${generation}`,
      } as unknown as RefreshTokens,
      {
        rotate: (...parameters: unknown[]) => {
          events.push(['rotate', ...parameters.slice(0, 2), parameters[3]]);
          return Promise.resolve(rotations.shift() ?? null);
        },
        find: () => Promise.resolve(stored),
        countRetry: (_: unknown, max: number) => {
          events.push(['retry', max]);
          return Promise.resolve(retriesLeft);
        },
      } as unknown as AuthorizationRepository,
      {
        revoke: (subject: { sid: string }, kind: string, context: { actor: string; address: string }) => {
          events.push(['revoke', subject, kind, context.actor, context.address]);
          return Promise.resolve();
        },
      } as unknown as AuthorizationsService,
      {
        issue: (tokens: Parameters<TokenIssuer['issue']>[0]) => {
          issued.push(tokens);
          return { access_token: 'a' } as TokenResponse;
        },
      } as unknown as TokenIssuer,
      {
        refused: (outcome: string, detail: string = outcome) => {
          events.push(['refused', outcome]);
          return OAuthError.invalidRefreshToken(detail);
        },
        repeated: (generation: number) => Promise.resolve(void events.push(['repeated', generation])),
        granted: (outcome: string) => void events.push(['granted', outcome]),
      } as unknown as RefreshRecorder,
    );
  });

  it('spends the token in one statement, and gives the next one out', async () => {
    const { id } = STATE.authorization;
    expect(await refresh()).toEqual({ access_token: 'a' });
    expect(events).toEqual([
      ['rotate', id, 0, CONTEXT.address],
      ['granted', 'rotate'],
    ]);
    expect(issued).toHaveLength(1);
    expect(issued[0]).toMatchObject({
      refreshToken: `${id}/1`,
      now: NOW + 5,
      scope: SCOPE,
      audience: STATE.authorization.audience,
      owner: STATE.owner,
    });
  });

  it.each<[string, () => void, Client, [string, string]]>([
    [
      'the client gets none',
      () => undefined,
      aClient({ refreshTokenPolicy: 'none' }),
      ['', 'the client gets no refresh tokens'],
    ],
    [
      'it is unknown',
      () => (cached = null),
      aClient(),
      ['unknown', 'unknown, altered, or of another client'],
    ],
    [
      'it is of another client',
      () => undefined,
      aClient({ key: 99 }),
      ['unknown', 'unknown, altered, or of another client'],
    ],
    [
      'it was revoked',
      () => (cached = withState({ revokedAt: NOW - 1 })),
      aClient(),
      ['ended', 'the authorization is revoked, expired or ended'],
    ],
    [
      'its user was deleted',
      () => (cached = withState({}, { owner: null })),
      aClient(),
      ['ended', 'the authorization is revoked, expired or ended'],
    ],
  ])('spends nothing where %s', async (_, arrange, client, [outcome, detail]) => {
    arrange();
    expect(await refusal('', client)).toEqual(['invalid_grant', detail]);
    expect(events).toEqual(outcome === '' ? [] : [['refused', outcome]]);
    expect(issued).toEqual([]);
  });

  it.each([
    ['&scope=read+admin', 'invalid_scope'],
    ['&scope=%22', 'invalid_scope'],
    ['&resource=https://other.example/', 'invalid_target'],
  ])('spends nothing where %s is asked for', async (form, code) => {
    expect((await refusal(form))[0]).toBe(code);
    expect(events).toEqual([]);
  });

  it('gives what was granted and is still allowed, and less where less is asked for', async () => {
    await refresh('&scope=read');
    cached = withState({}, { client: { ...STATE.client, scope: ScopeSet.parse('write') } });
    rotations = [NOW];
    await refresh();
    expect(issued.map(({ scope }) => scope.toString())).toEqual(['read', 'write']);
    cached = withState({}, { client: { ...STATE.client, scope: ScopeSet.parse('other') } });
    expect(await refusal()).toEqual(['invalid_grant', 'nothing of the scope is allowed any longer']);
  });

  it('gives no audience that the client has lost', async () => {
    const other = 'https://other.example/';
    cached = withState({ audience: [other, ...STATE.authorization.audience] });
    await refresh();
    expect(issued[0]?.audience).toEqual(STATE.authorization.audience);
    cached = withState({ audience: [other] });
    expect(await refusal()).toEqual(['invalid_grant', 'nothing of the audience is allowed any longer']);
  });

  describe('where the statement changes nothing', () => {
    beforeEach(() => {
      rotations = [];
    });

    it('repeats the answer within the grace, for the current token', async () => {
      presented = 1;
      stored = withState({ generation: 1, rotatedAt: NOW - 1000 });
      await refresh();
      expect(events.slice(1)).toEqual([
        ['repeated', 1],
        ['granted', 'repeat'],
      ]);
      expect(issued[0]).toMatchObject({ refreshToken: `${STATE.authorization.id}/1`, now: NOW });
    });

    it('repeats it for the token before, and counts that where the client has a limit', async () => {
      stored = withState({ generation: 1, rotatedAt: NOW - 1000 });
      await refresh('', aClient({ refreshTokenMaxRetries: 2 }));
      expect(events.slice(1)).toEqual([
        ['retry', 2],
        ['repeated', 0],
        ['granted', 'repeat'],
      ]);
    });

    it('looks again where another retry took the last one', async () => {
      stored = withState({ generation: 1, rotatedAt: NOW - 1000 });
      retriesLeft = false;
      expect((await refusal('', aClient({ refreshTokenMaxRetries: 1 })))[0]).toBe('temporarily_unavailable');
      expect(events.filter(([kind]) => kind === 'rotate')).toHaveLength(10);
      expect(issued).toEqual([]);
    });

    it.each<[string, Partial<Authorization>, number, string[]]>([
      ['reuse', { generation: 2, rotatedAt: NOW - 1000 }, 0, ['refresh_token_reuse']],
      ['reuse', { generation: 1, rotatedAt: NOW - GRACE_SECONDS * 1000 }, 0, ['refresh_token_reuse']],
      ['rollback', { generation: 0 }, 1, ['rollback_detected']],
      ['expired', { generation: 1, rotatedAt: NOW - 600_000 }, 1, []],
      ['clock', { generation: 1, rotatedAt: NOW + 1000 }, 0, []],
    ])('refuses %s, and revokes what may be stolen', async (outcome, state, generation, revoked) => {
      presented = generation;
      stored = withState(state);
      expect(await refusal()).toEqual(['invalid_grant', outcome]);
      const { id: sid } = STATE.authorization;
      const subject = { sid, clientId: 'shop', subject: STATE.owner.sub };
      expect(events.slice(1)).toEqual([
        ...revoked.map((kind) => ['revoke', subject, kind, 'shop', CONTEXT.address]),
        ['refused', outcome],
      ]);
      expect(issued).toEqual([]);
    });

    it('refuses what has ended meanwhile', async () => {
      stored = withState({ revokedAt: NOW });
      expect((await refusal())[1]).toBe('the authorization is revoked, expired or ended');
    });

    it('tries again where another request came between, and not without end', async () => {
      rotations = [null, null, NOW];
      await refresh();
      expect(events.map(([kind]) => kind)).toEqual(['rotate', 'rotate', 'rotate', 'granted']);
      rotations = [];
      expect((await refusal())[0]).toBe('temporarily_unavailable');
    });
  });

  it('gives no further token with the last use of a client that is limited', async () => {
    await refresh('', aClient({ refreshTokenMaxUses: 2 }));
    presented = 1;
    rotations = [NOW];
    await refresh('', aClient({ refreshTokenMaxUses: 2 }));
    expect(issued.map(({ refreshToken }) => refreshToken)).toEqual([`${STATE.authorization.id}/1`, null]);
  });
});
