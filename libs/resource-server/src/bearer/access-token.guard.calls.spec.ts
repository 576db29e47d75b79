import 'reflect-metadata';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger, type ExecutionContext } from '@nestjs/common';
import { newCounters } from '../feed/freshness-status.js';
import { aToken } from '../claims/a-token.spec-support.js';
import { MemoryStatus } from '../freshness/memory-status.js';
import type { GuardDecision } from '../observability/guard-observer.js';
import type { ResourceServerOptions } from '../options/resource-server-options.js';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import { BearerError } from '../refusals/bearer-error.js';
import { Refusal } from '../refusals/refusal.js';
import { Refusals } from '../refusals/refusals.js';
import type { HttpRequest } from '../request/bearer-token.js';
import { accessTokenOf, setJudgement, tokenSignalOf } from '../request/judgement.js';
import type { AccessTokenGuard } from './access-token.guard.js';
import { Application, guardOf, OPTIONS, Routes, Tokens } from './access-token.guard.spec-support.js';
import { TokenWatch } from './token-watch.js';

/** A response or a socket, as far as the guard uses it. */
class Connection extends EventEmitter {
  destroyed = false;
  written: string[] = [];
  write(text: string): boolean {
    this.written.push(text);
    return true;
  }
  destroy(): void {
    this.destroyed = true;
  }
}

describe('AccessTokenGuard, for calls of every kind', () => {
  let tokens: Tokens;
  let watch: TokenWatch;
  let guard: AccessTokenGuard;
  let headers: Record<string, string>;
  let socket: Connection;
  let response: Connection;

  const start = (options: Partial<ResourceServerOptions> = {}) => {
    const settings = new ResourceServerSettings({ ...OPTIONS, ...options });
    watch = new TokenWatch(tokens, new MemoryStatus(null, [], newCounters()), settings);
    guard = guardOf(tokens, new Refusals(), watch, settings, headers);
  };

  beforeEach(() => {
    tokens = new Tokens();
    tokens.cached.set('t', aToken());
    [headers, socket, response] = [{}, new Connection(), new Connection()];
    Application.reset();
    start();
  });

  afterEach(() => {
    watch.onApplicationShutdown();
    jest.restoreAllMocks();
  });

  const requestWith = (token: string): HttpRequest =>
    ({
      method: 'GET',
      headers: { authorization: `Bearer ${token}` },
      rawHeaders: [],
      socket,
    }) as unknown as HttpRequest;
  const call = (handler: keyof Routes, type: string, ...args: unknown[]): boolean | Promise<boolean> =>
    guard.canActivate({
      getType: () => type,
      getArgByIndex: (index: number) => args[index],
      getHandler: () => Routes.prototype[handler],
      getClass: () => Routes,
      switchToHttp: () => ({ getResponse: () => response }),
    } as unknown as ExecutionContext);
  const refusal = async (...parameters: Parameters<typeof call>): Promise<unknown> => {
    try {
      return await call(...parameters);
    } catch (error) {
      return error;
    }
  };
  const invalid = expect.objectContaining({ refusal: new Refusal('inactive') });

  describe('of a message', () => {
    it('takes the token from the message, and shows it in the context of the message', () => {
      const context = {};
      expect(call('plain', 'rpc', { authorization: 'Bearer t' }, context)).toBe(true);
      expect(accessTokenOf(context)).toBe(tokens.cached.get('t'));
      expect(() => tokenSignalOf(context)).toThrow('it is not known when this call ends');
    });

    it('shows no token to a public handler', () => {
      const context = {};
      expect(call('open', 'rpc', { authorization: 'Bearer t' }, context)).toBe(true);
      expect(accessTokenOf(context)).toBeNull();
    });

    it('compares the owner with what the message names', async () => {
      const message = { authorization: 'Bearer t', user: 'alice' };
      expect(await call('own', 'rpc', message, {})).toBe(true);
      expect(await refusal('own', 'rpc', { ...message, user: 'bob' }, {})).toMatchObject({
        refusal: { reason: 'owner' },
      });
    });

    it('refuses without headers, of which a message has none', async () => {
      const context = {};
      expect(await refusal('plain', 'rpc', { authorization: 'Bearer other' }, context)).toEqual(invalid);
      expect(accessTokenOf(context)).toBeNull();
      expect(headers).toEqual({});
    });
  });

  describe.each([
    ['another transport whose first argument is the request', 'own-transport', true],
    ['another library that says HTTP, and has its own context', 'http', false],
  ])('of %s', (_, type, isRequest) => {
    const args = (request: HttpRequest): [unknown, unknown] => [isRequest ? request : { request }, response];
    const requestOf = (context: { getArgByIndex(index: number): unknown }) => {
      const carrier = context.getArgByIndex(0) as HttpRequest & { request?: HttpRequest };
      return carrier.request ?? carrier;
    };

    it('shows the token of the request, until its socket closes', () => {
      start({ requestOf });
      const request = requestWith('t');
      const [carrier, other] = args(request);
      expect(call('plain', type, carrier, other)).toBe(true);
      for (const judged of [carrier as object, request]) {
        expect(accessTokenOf(judged)).toBe(tokens.cached.get('t'));
      }
      expect(tokenSignalOf(request)?.aborted).toBe(false);
      expect([socket, response].map((emitter) => emitter.listenerCount('close'))).toEqual([1, 0]);
    });

    it('refuses without headers', async () => {
      start({ requestOf });
      const request = requestWith('other');
      const [carrier, other] = args(request);
      expect(await refusal('plain', type, carrier, other)).toEqual(invalid);
      for (const judged of [carrier as object, request]) expect(accessTokenOf(judged)).toBeNull();
      expect(headers).toEqual({});
    });

    it('leaves the token of an earlier call that shares the request', async () => {
      start({ requestOf });
      const request = requestWith('t');
      const [carrier, other] = args(request);
      await call('plain', type, carrier, other);
      expect(await refusal('write', type, carrier, other)).toMatchObject({ refusal: { reason: 'scope' } });
      expect(accessTokenOf(carrier as object)).toBe(tokens.cached.get('t'));
    });
  });

  describe('of an HTTP request', () => {
    it('takes away the token that middleware has found, when it refuses', async () => {
      const request = requestWith('t');
      setJudgement(request, { token: aToken(), request, signals: watch, lifetime: response });
      expect(await refusal('write', 'http', request, response)).toMatchObject({
        refusal: { reason: 'scope' },
      });
      expect(accessTokenOf(request)).toBeNull();
    });

    it('passes on an error of the application as it is, and shows no token', async () => {
      const failure = new TypeError('a defect');
      const requestUser = () => {
        throw failure;
      };
      start({ requestUser });
      const request = requestWith('t');
      expect(await refusal('plain', 'http', request, response)).toBe(failure);
      expect(accessTokenOf(request)).toBeNull();
      expect(headers).toEqual({});
    });

    it('logs the handler of a refusal', async () => {
      const debug = jest.spyOn(Logger.prototype, 'debug').mockReturnValue(undefined);
      await refusal('plain', 'http', requestWith('other'), response);
      expect(debug.mock.calls).toEqual([[expect.stringContaining('at Routes.plain: inactive')]]);
    });

    it('accepts a token that a client got for itself where no owner is required', () => {
      tokens.cached.set('t', aToken({ isOwnerToken: false }));
      expect(call('plain', 'http', requestWith('t'), response)).toBe(true);
    });

    it('ends an event stream with its token', () => {
      expect(call('stream', 'http', requestWith('t'), response)).toBe(true);
      tokens.cached.set('t', new Refusal('revoked'));
      expect(response.write('after the revocation')).toBe(false);
      expect([response.destroyed, response.written]).toEqual([true, []]);
    });

    it('lets any other response end as the application wants', () => {
      expect(call('plain', 'http', requestWith('t'), response)).toBe(true);
      tokens.cached.set('t', new Refusal('revoked'));
      expect(response.write('the rest')).toBe(true);
      expect(response.destroyed).toBe(false);
    });
  });

  describe('with observers', () => {
    let decisions: GuardDecision[];

    beforeEach(() => {
      decisions = [];
      start({ observers: [{ decided: (decision) => void decisions.push(decision) }] });
    });

    it('reports what it admits', async () => {
      expect(call('plain', 'http', requestWith('t'), response)).toBe(true);
      expect(await call('allowed', 'http', requestWith('t'), response)).toBe(true);
      expect(call('open', 'http', requestWith('t'), response)).toBe(true);
      expect(decisions.map(({ outcome, handler }) => [outcome, handler])).toEqual([
        ['accepted', 'Routes.plain'],
        ['accepted', 'Routes.allowed'],
        ['public', 'Routes.open'],
      ]);
    });

    it('reports what it refuses, and refuses it', async () => {
      expect(await refusal('write', 'http', requestWith('t'), response)).toBeInstanceOf(BearerError);
      expect(decisions).toMatchObject([{ outcome: 'refused', reason: 'scope', handler: 'Routes.write' }]);
    });
  });
});
