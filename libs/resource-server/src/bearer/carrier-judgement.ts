import type { ServerResponse } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import type { TokenWatch } from './token-watch.js';
import { asObject, carrierOf } from '../request/carriers.js';
import { judgementOf, setJudgement, tokenSignalOf, type Judgement } from '../request/judgement.js';

/** What of the connections of Node.js ends them at once. */
interface Destroyable {
  destroy(): unknown;
}

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
    endWithToken(carrier, own.lifetime as Destroyable);
  }
}

/**
 * The same for a stream of events. Nothing is written that is late, however long the event loop was held before.
 *
 * @param watch which judges the token
 */
export function cutWithToken(request: object, response: ServerResponse, watch: TokenWatch): void {
  endWithToken(request, response);
  const write = response.write.bind(response) as (...parameters: unknown[]) => boolean;
  response.write = (...parameters: unknown[]): boolean => {
    watch.lookIfLate();
    return !response.destroyed && write(...parameters);
  };
}

/** Cuts the connection: what ended in good order would look complete. Nest then ends the source, too. */
export function endWithToken(carrier: object, connection: Destroyable): void {
  tokenSignalOf(carrier)?.addEventListener('abort', () => connection.destroy(), { once: true });
}

function isSubscription(context: ExecutionContext): boolean {
  if (context.getType<string>() !== 'graphql') return false;
  const { operation } = (asObject(context.getArgByIndex(3)) ?? {}) as { operation?: { operation?: string } };
  return operation?.operation === 'subscription';
}
