import { constants } from 'node:http2';
import type { ExecutionContext } from '@nestjs/common';
import { asObject, carrierOf } from '../request/carriers.js';
import {
  judgementOf,
  setJudgement,
  tokenSignalOf,
  type Judgement,
  type TokenSignals,
} from '../request/judgement.js';

/** The part of a connection of Node.js that sends data and closes it: a response, or the socket of a WebSocket. */
interface Connection {
  readonly destroyed?: boolean;
  /** Of a response of HTTP/2. */
  readonly stream?: { readonly destroyed: boolean; close(code: number): void };
  write(...parameters: unknown[]): boolean;
  destroy(): unknown;
}

/** Connections that check the token before they send, and how each is cut. Several subscriptions share one. */
const guarded = new WeakMap<Connection, () => void>();

/**
 * Stores the verdict on a call that is not itself an HTTP request. Several calls may share one carrier: fields of one
 * GraphQL request, messages of one socket. A call that needs no token, or was refused, does not change the verdict of
 * the others.
 *
 * @throws Error for a subscription whose socket is unknown, so that it could not be closed with its token
 */
export function judgeCarrier(context: ExecutionContext, judgement: Judgement): void {
  const carrier = carrierOf(context);
  const known = judgementOf(carrier);
  if (judgement.token === null && known !== undefined) return;
  // The result of the handshake stays: the request, the lifetime and the guard of the socket.
  const own =
    context.getType<string>() === 'ws' && known !== undefined
      ? { ...known, token: judgement.token }
      : judgement;
  for (const target of new Set([carrier, judgement.request])) {
    if (target !== null) setJudgement(target, own);
  }
  if (own.token !== null && carrier !== null && isSubscription(context)) {
    if (own.lifetime === null) throw new Error('The socket of a subscription is not known');
    cutWithToken(carrier, own.lifetime as Connection, own.signals);
  }
}

/**
 * Destroys the connection of a stream when its token ends, because a regular end would look like a complete response.
 * Nest then ends the source, too. Every write checks first whether the token ended, even if the event loop was blocked
 * before.
 *
 * @param carrier the object that stores the judgement
 */
export function cutWithToken(carrier: object, connection: Connection, signals: TokenSignals): void {
  const cut = guarded.get(connection) ?? guard(connection, signals);
  // Subscriptions of one token share its signal, which calls the same function once.
  tokenSignalOf(carrier)?.addEventListener('abort', cut, { once: true });
}

/** @returns the function that cuts the connection */
function guard(connection: Connection, signals: TokenSignals): () => void {
  const write = connection.write.bind(connection);
  connection.write = (...parameters) => {
    signals.lookIfLate();
    const isDestroyed = connection.destroyed ?? connection.stream?.destroyed;
    return isDestroyed !== true && write(...parameters);
  };
  const cut = (): void => {
    // Destroying a response of HTTP/2 alone would end it regularly.
    connection.stream?.close(constants.NGHTTP2_CANCEL);
    connection.destroy();
  };
  guarded.set(connection, cut);
  return cut;
}

function isSubscription(context: ExecutionContext): boolean {
  if (context.getType<string>() !== 'graphql') return false;
  const { operation } = (asObject(context.getArgByIndex(3)) ?? {}) as { operation?: { operation?: string } };
  return operation?.operation === 'subscription';
}
