import type { ExecutionContext } from '@nestjs/common';
import { asObject, carrierOf } from '../request/carriers.js';
import {
  judgementOf,
  setJudgement,
  tokenSignalOf,
  type Judgement,
  type TokenSignals,
} from '../request/judgement.js';

/** What of the connections of Node.js sends, and ends them at once: a response, or the socket below a WebSocket. */
interface Connection {
  readonly destroyed: boolean;
  write(...parameters: unknown[]): boolean;
  destroy(): unknown;
}

/** Those that send nothing late. Several subscriptions share one. */
const guarded = new WeakSet<Connection>();

/**
 * Writes down what was found about a call that is no request of HTTP by itself. Several calls may share what carries it: fields of one
 * GraphQL request, messages of one socket. One that needs no token, or was refused, takes nothing from the others.
 *
 * @throws Error for a subscription whose socket is not known, so that it could not be ended with its token
 */
export function judgeCarrier(context: ExecutionContext, judgement: Judgement): void {
  const carrier = carrierOf(context);
  const known = judgementOf(carrier);
  if (judgement.token === null && known !== undefined) return;
  // What a socket was judged with stays: its own request, its end, and who judges its messages.
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
 * Cuts the connection of a stream when its token ends: what ended in good order would look complete. Nest then ends the source, too.
 * Nothing is written that is late, however long the event loop was held before.
 *
 * @param carrier that the judgement is written on
 */
export function cutWithToken(carrier: object, connection: Connection, signals: TokenSignals): void {
  tokenSignalOf(carrier)?.addEventListener('abort', () => connection.destroy(), { once: true });
  if (guarded.has(connection)) return;
  guarded.add(connection);
  const write = connection.write.bind(connection);
  connection.write = (...parameters) => {
    signals.lookIfLate();
    return !connection.destroyed && write(...parameters);
  };
}

function isSubscription(context: ExecutionContext): boolean {
  if (context.getType<string>() !== 'graphql') return false;
  const { operation } = (asObject(context.getArgByIndex(3)) ?? {}) as { operation?: { operation?: string } };
  return operation?.operation === 'subscription';
}
