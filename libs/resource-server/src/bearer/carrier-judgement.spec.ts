import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { aToken } from '../claims/a-token.spec-support.js';
import type { HttpRequest } from '../request/bearer-token.js';
import { judgementOf, type Judgement } from '../request/judgement.js';
import { cutWithToken, judgeCarrier } from './carrier-judgement.js';

const requestOf = (name: string) =>
  ({ name, headers: { authorization: 'Bearer t' }, rawHeaders: [] }) as unknown as HttpRequest;
const contextOf = (type: string, ...args: unknown[]) =>
  ({ getType: () => type, getArgByIndex: (index: number) => args[index] }) as unknown as ExecutionContext;

/** A connection with what was written to it. */
class Socket {
  destroyed = false;
  written: unknown[] = [];
  write(...parameters: unknown[]): boolean {
    this.written.push(...parameters);
    return true;
  }
  destroy(): void {
    this.destroyed = true;
  }
}

describe('The judgement of a carrier', () => {
  let ended: AbortController;
  let isLate: boolean;
  let socket: Socket;

  const signals = {
    signalFor: () => ended.signal,
    lookIfLate: () => {
      if (isLate) ended.abort();
    },
  };
  const judgement = (changes: Partial<Judgement> = {}): Judgement => ({
    token: aToken(),
    request: requestOf('request'),
    signals,
    lifetime: socket,
    ...changes,
  });

  beforeEach(() => {
    [ended, isLate, socket] = [new AbortController(), false, new Socket()];
  });

  describe('is stored', () => {
    it('on the carrier and on the request with the token', () => {
      const [carrier, judged] = [{}, judgement()];
      judgeCarrier(contextOf('graphql', {}, {}, { req: carrier }), judged);
      expect(judgementOf(carrier)).toBe(judged);
      expect(judgementOf(judged.request)).toBe(judged);
    });

    it('on the request alone where the carrier is not known', () => {
      const judged = judgement();
      judgeCarrier(contextOf('rpc', {}), judged);
      expect(judgementOf(judged.request)).toBe(judged);
    });

    it('as the last one with a token', () => {
      const carrier = {};
      const context = contextOf('rpc', {}, carrier);
      const [open, first, second] = [judgement({ token: null }), judgement(), judgement()];
      judgeCarrier(context, open);
      expect(judgementOf(carrier)).toBe(open);
      judgeCarrier(context, first);
      // A public call on the same carrier, or one that was refused.
      judgeCarrier(context, judgement({ token: null }));
      expect(judgementOf(carrier)).toBe(first);
      judgeCarrier(context, second);
      expect(judgementOf(carrier)).toBe(second);
    });

    it('with what the handshake of a socket found', () => {
      const client = {};
      const context = contextOf('ws', client, {});
      const handshake = judgement({ guard: {} as CanActivate });
      judgeCarrier(context, handshake);
      const message = judgement({ lifetime: null, request: requestOf('message') });
      judgeCarrier(context, message);
      expect(judgementOf(client)).toEqual({ ...handshake, token: message.token });
      expect(judgementOf(client)?.token).toBe(message.token);
      expect(judgementOf(message.request)).toBe(judgementOf(client));
    });
  });

  describe('of a subscription', () => {
    const subscribe = (
      judged: Judgement,
      operation: unknown = { operation: 'subscription' },
      type = 'graphql',
    ) => {
      const carrier = {};
      judgeCarrier(contextOf(type, carrier, carrier, { req: carrier }, { operation }), judged);
    };

    it('closes the connection with the token', () => {
      subscribe(judgement());
      expect(socket.write('one')).toBe(true);
      ended.abort();
      expect(socket.destroyed).toBe(true);
      expect(socket.write('two')).toBe(false);
      expect(socket.written).toEqual(['one']);
    });

    it('needs a connection that can be closed', () => {
      expect(() => subscribe(judgement({ lifetime: null }))).toThrow(
        'The socket of a subscription is not known',
      );
      expect(() => subscribe(judgement({ lifetime: null, token: null }))).not.toThrow();
    });

    it.each([
      ['a query', { operation: 'query' }, 'graphql'],
      ['what has no operation', null, 'graphql'],
      ['a message of another transport', { operation: 'subscription' }, 'rpc'],
    ])('is not that of %s', (_, operation, type) => {
      subscribe(judgement({ lifetime: null }), operation, type);
      subscribe(judgement(), operation, type);
      ended.abort();
      expect(socket.destroyed).toBe(false);
    });

    it('is not that of a call without a description of it', () => {
      const carrier = {};
      expect(() =>
        judgeCarrier(contextOf('graphql', {}, {}, { req: carrier }), judgement({ lifetime: null })),
      ).not.toThrow();
    });
  });

  it('looks before every write whether the token has ended, also after the event loop was blocked', () => {
    const carrier = {};
    judgeCarrier(contextOf('http', carrier), judgement());
    cutWithToken(carrier, socket, signals);
    expect(socket.write('one', 'utf8')).toBe(true);
    isLate = true;
    expect(socket.write('two')).toBe(false);
    expect(socket.written).toEqual(['one', 'utf8']);
  });

  it('waits once for the end of a token that many subscriptions of a connection have', () => {
    for (let count = 0; count < 20; count++) {
      const carrier = {};
      judgeCarrier(contextOf('http', carrier), judgement());
      cutWithToken(carrier, socket, signals);
    }
    expect(getEventListeners(ended.signal, 'abort')).toHaveLength(1);
  });

  it('leaves a connection without a token as it is', () => {
    const carrier = {};
    judgeCarrier(contextOf('http', carrier), judgement({ token: null }));
    cutWithToken(carrier, socket, signals);
    expect(socket.write('one')).toBe(true);
  });

  it('looks once for all subscriptions of a connection, which ends with any of their tokens', () => {
    const all = [new AbortController(), new AbortController()];
    let looked = 0;
    for (const controller of all) {
      const own = { signalFor: () => controller.signal, lookIfLate: () => void looked++ };
      const carrier = {};
      judgeCarrier(contextOf('http', carrier), judgement({ signals: own }));
      cutWithToken(carrier, socket, own);
    }
    socket.write('one');
    expect([looked, socket.written]).toEqual([1, ['one']]);
    all[1]?.abort();
    expect(socket.destroyed).toBe(true);
  });
});
