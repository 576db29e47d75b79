import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { InvalidScopeSyntaxError } from '@latchkey/contracts';
import type { AccessToken } from '../claims/access-token.js';
import { aToken } from '../claims/a-token.spec-support.js';
import { IntrospectionUnavailableError } from '../introspection/introspection-unavailable.error.js';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import { BearerError } from '../refusals/bearer-error.js';
import { Refusal } from '../refusals/refusal.js';
import { Refusals } from '../refusals/refusals.js';
import type { HttpRequest } from '../request/bearer-token.js';
import { accessTokenOf, tokenSignalOf } from '../request/judgement.js';
import { OPTIONS, Tokens } from './access-token.guard.spec-support.js';
import { RequestAuthenticator } from './request-authenticator.js';
import type { TokenWatch } from './token-watch.js';

interface Outcome {
  readonly request: HttpRequest;
  readonly response: object;
  readonly next?: unknown[];
  readonly sent?: unknown[];
}

const SOCKET = new EventEmitter();

const aRequest = (token?: string, changes: object = {}): HttpRequest => ({
  headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  rawHeaders: [],
  socket: SOCKET,
  ...changes,
});

describe('RequestAuthenticator', () => {
  let tokens: Tokens;
  let refusals: Refusals;
  let watched: unknown[];
  let authenticator: RequestAuthenticator;

  const start = (requestUser?: (token: AccessToken) => unknown) => {
    const settings = new ResourceServerSettings({ ...OPTIONS, requestUser });
    const signalFor = (...what: unknown[]) => {
      watched.push(...what);
      return new AbortController().signal;
    };
    const watch = { signalFor } as unknown as TokenWatch;
    authenticator = new RequestAuthenticator(tokens, refusals, watch, settings);
  };
  const remember = (token: string): AccessToken => {
    const remembered = aToken();
    tokens.cached.set(token, remembered);
    return remembered;
  };
  const refusal = async (request: HttpRequest, scopes?: string[]): Promise<[number, string | undefined]> => {
    const error: unknown = await authenticator
      .authenticate(request, scopes && { scopes })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BearerError);
    expect(accessTokenOf(request)).toBeNull();
    expect(request.user).toBeUndefined();
    return [(error as BearerError).getStatus(), (error as BearerError).refusal?.reason];
  };

  beforeEach(() => {
    [tokens, refusals, watched] = [new Tokens(), new Refusals(), []];
    start();
  });

  describe('authenticate', () => {
    it('admits a request with a valid token, and shows the token', async () => {
      const token = remember('t');
      const accepted = jest.spyOn(refusals, 'accepted');
      const request = aRequest('t');
      expect(await authenticator.authenticate(request)).toBe(token);
      expect(await authenticator.authenticate(request, { scopes: ['read'] })).toBe(token);
      expect(accessTokenOf(request)).toBe(token);
      expect(request).not.toHaveProperty('user');
      expect(accepted).toHaveBeenCalledTimes(2);
      expect(tokens.asked).toEqual([]);
    });

    it('watches the token as long as the connection is open, of any platform', async () => {
      const token = remember('t');
      const socket = new EventEmitter();
      for (const [changes, lifetime] of [
        [{}, SOCKET],
        [{ raw: { socket } }, socket],
      ] as const) {
        const request = aRequest('t', changes);
        await authenticator.authenticate(request);
        watched.length = 0;
        expect(tokenSignalOf(request)?.aborted).toBe(false);
        expect(watched).toEqual(['t', token, lifetime]);
        expect(watched[2]).toBe(lifetime);
      }
    });

    it('fills the user of the request where the application wants it', async () => {
      start(({ subject }) => ({ id: subject }));
      remember('t');
      const request = aRequest('t');
      await authenticator.authenticate(request);
      expect(request.user).toEqual({ id: 'alice' });
      expect(await refusal(aRequest('t'), ['write'])).toEqual([403, 'scope']);
    });

    it.each<[string | undefined, string[] | undefined, [number, string]]>([
      [undefined, undefined, [401, 'no_token']],
      ['unknown', undefined, [401, 'inactive']],
      ['two words', undefined, [401, 'malformed']],
      ['t', ['write'], [403, 'scope']],
      ['t', ['read', 'write'], [403, 'scope']],
    ])('refuses %s for %j, and counts it', async (token, scopes, expected) => {
      remember('t');
      const accepted = jest.spyOn(refusals, 'accepted');
      expect(await refusal(aRequest(token), scopes)).toEqual(expected);
      expect(refusals.counts[expected[1] as 'inactive']).toBe(1);
      expect(accepted).not.toHaveBeenCalled();
    });

    it('takes back what an earlier check of the request has shown', async () => {
      remember('t');
      const request = aRequest('t');
      await authenticator.authenticate(request);
      tokens.cached.set('t', new Refusal('revoked'));
      expect(await refusal(request)).toEqual([401, 'revoked']);
    });

    it('refuses with 503 where the authorization server does not answer', async () => {
      tokens.answers.set('t', new IntrospectionUnavailableError('no answer'));
      expect(await refusal(aRequest('t'))).toEqual([503, 'unavailable']);
      expect(refusals.counts.unavailable).toBe(1);
    });

    it('hides no other failure, and admits nothing', async () => {
      const failure = new Error('broken');
      tokens.answers.set('t', failure);
      const request = aRequest('t');
      await expect(authenticator.authenticate(request)).rejects.toBe(failure);
      expect(accessTokenOf(request)).toBeNull();
    });
  });

  describe('verdictOn', () => {
    it('answers at once with what is known, and asks about what may be a token', async () => {
      const token = remember('t');
      expect(authenticator.verdictOn('t')).toBe(token);
      expect(await authenticator.verdictOn('other')).toBeInstanceOf(Refusal);
      expect(() => authenticator.verdictOn('no token')).toThrow(BearerError);
      expect(tokens.asked).toEqual(['other']);
    });
  });

  it.each(['middleware', 'hook'] as const)('%s: refuses names that are no scopes at the start', (kind) => {
    expect(() => authenticator[kind]({ scopes: ['a b'] })).toThrow(InvalidScopeSyntaxError);
    expect(() => authenticator[kind]()).not.toThrow();
  });

  describe('middleware', () => {
    const run = (token: string | undefined, scopes?: string[]) =>
      new Promise<Outcome>((resolve) => {
        const [request, headers] = [aRequest(token), {}];
        const response = Object.assign(new EventEmitter(), {
          statusCode: 200,
          setHeader: (name: string, value: string) => Object.assign(headers, { [name]: value }),
          end: (body: string) => {
            resolve({ request, response, sent: [response.statusCode, headers, JSON.parse(body)] });
          },
        });
        authenticator.middleware(scopes && { scopes })(
          request as unknown as IncomingMessage,
          response as unknown as ServerResponse,
          (...next) => resolve({ request, response, next }),
        );
      });

    it('passes on a request with a valid token, which is watched until the response has ended', async () => {
      const token = remember('t');
      const { next, request, response } = await run('t', ['read']);
      expect(next).toEqual([]);
      expect(accessTokenOf(request)).toBe(token);
      tokenSignalOf(request);
      expect(watched.at(-1)).toBe(response);
    });

    it('answers all others with status, challenge and body', async () => {
      remember('t');
      const challenge = 'Bearer realm="https://api.example", error="insufficient_scope"';
      expect((await run('t', ['write'])).sent).toEqual([
        403,
        {
          'Cache-Control': 'no-store',
          'Content-Type': 'application/json; charset=utf-8',
          'WWW-Authenticate': expect.stringContaining(challenge),
        },
        {
          error: 'insufficient_scope',
          error_description: 'The access token does not have the required scope',
        },
      ]);
      expect((await run(undefined)).sent?.[0]).toBe(401);
    });

    it('passes on any other failure', async () => {
      const failure = new Error('broken');
      tokens.answers.set('t', failure);
      expect((await run('t')).next).toEqual([failure]);
    });
  });

  describe('hook', () => {
    const run = async (token: string, scopes?: string[]) => {
      const [request, sent] = [aRequest(token), [] as unknown[]];
      const raw = new EventEmitter();
      const record = (value: unknown) => {
        sent.push(value);
        return reply;
      };
      const reply = { raw, code: record, headers: record, send: record };
      const answer = await authenticator.hook(scopes && { scopes })(request, reply);
      return { answer, sent, request, reply };
    };

    it('lets a request with a valid token pass, which is watched until the response has ended', async () => {
      const token = remember('t');
      const { answer, sent, request, reply } = await run('t', ['read']);
      expect([answer, sent]).toEqual([undefined, []]);
      expect(accessTokenOf(request)).toBe(token);
      tokenSignalOf(request);
      expect(watched.at(-1)).toBe(reply.raw);
    });

    it('answers all others, and returns the reply so that Fastify calls no handler', async () => {
      remember('t');
      const { answer, sent, reply } = await run('t', ['write']);
      expect(answer).toBe(reply);
      expect(sent).toEqual([
        403,
        expect.objectContaining({ 'WWW-Authenticate': expect.stringContaining('insufficient_scope') }),
        expect.objectContaining({ error: 'insufficient_scope' }),
      ]);
    });

    it('passes on any other failure', async () => {
      const failure = new Error('broken');
      tokens.answers.set('t', failure);
      await expect(run('t')).rejects.toBe(failure);
    });
  });
});
