import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { BearerError } from './bearer-error.js';

/** A client of a gateway: of ws, with a state as in browsers, or of socket.io. */
interface SocketClient {
  readonly readyState?: unknown;
  send(message: string): unknown;
  emit(event: string, data: unknown): unknown;
}

/** Answers a refused message in the same way as Nest answers a `WsException`: with the event `exception`. */
@Catch(BearerError)
export class SocketErrorFilter implements ExceptionFilter<BearerError> {
  catch(error: BearerError, host: ArgumentsHost): void {
    const client = host.getArgByIndex<SocketClient>(0);
    const data = error.toMessage();
    if (typeof client.readyState === 'number') client.send(JSON.stringify({ event: 'exception', data }));
    else client.emit('exception', data);
  }
}
