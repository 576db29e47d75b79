import type { IncomingMessage } from 'node:http';
import type { EventEmitter } from 'node:events';

/** A refused handshake, with its HTTP status. */
export interface HandshakeRefusal {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: object;
}

/** Handles the sockets of a server, of any library. */
interface SocketHandler<Client> {
  /** @returns why the handshake is refused; `null`: it is accepted */
  judge(handshake: object): Promise<HandshakeRefusal | null>;
  /** @param client the socket of an accepted handshake */
  open(handshake: object, client: Client): void;
}

type VerifyClient = (
  info: { readonly req: IncomingMessage },
  answer: (isGood: boolean, status?: number, body?: string, headers?: Record<string, string>) => void,
) => void;

/** A server of ws. */
interface WsServer extends EventEmitter {
  readonly options: { verifyClient?: VerifyClient | ((info: object) => boolean) | null };
}

export interface WsClient extends EventEmitter {
  send: (...parameters: never[]) => unknown;
  close(code: number, reason: string): void;
}

/** A server of socket.io, or one namespace of it. */
interface IoServer {
  use(middleware: (socket: IoSocket, next: (error?: Error) => void) => void): unknown;
  on(event: 'connection', listener: (socket: IoSocket) => void): unknown;
}

export interface IoSocket {
  readonly handshake: {
    readonly headers: IncomingMessage['headers'];
    readonly url?: string;
    readonly auth?: Readonly<Record<string, unknown>>;
  };
  /** The underlying connection, which namespaces share. */
  readonly conn: EventEmitter;
  emit: (event: string, data: unknown) => unknown;
  disconnect(): unknown;
}

export function isWsServer(server: unknown): server is WsServer {
  const { options, handleUpgrade } = server as { options?: unknown; handleUpgrade?: unknown };
  return typeof handleUpgrade === 'function' && typeof options === 'object' && options !== null;
}

export function isIoServer(server: unknown): server is IoServer {
  const { use, emit } = server as { use?: unknown; emit?: unknown };
  return typeof use === 'function' && typeof emit === 'function';
}

/** Whether a client gets the messages that it has missed when it connects again, which no middleware can prevent. */
export function recoversConnections(server: object): boolean {
  const { opts } = server as { readonly opts?: { readonly connectionStateRecovery?: unknown } };
  return Boolean(opts?.connectionStateRecovery);
}

/**
 * Checks the token before each send, because after a blocked event loop data could be sent before the next timed check.
 *
 * @param method the sending method of the client
 */
export function sendNothingLate<Method extends string>(
  client: Record<Method, (...parameters: never[]) => unknown>,
  method: Method,
  look: () => void,
): void {
  const send = client[method].bind(client) as (...parameters: unknown[]) => unknown;
  client[method] = (...parameters: unknown[]) => {
    look();
    // ws sends nothing after close(); socket.io would, because namespaces share a connection that stays open.
    const { connected } = client as { readonly connected?: boolean };
    return connected !== false && send(...parameters);
  };
}

/**
 * Answers refused handshakes by HTTP, without a socket. The application's own `verifyClient` runs after it.
 *
 * @param failed the refusal when `verifyClient` throws, which would end the process
 */
export function guardWsServer(
  server: WsServer,
  handler: SocketHandler<WsClient>,
  failed: (error: unknown) => HandshakeRefusal,
): void {
  const own = server.options.verifyClient;
  const verifyClient: VerifyClient = (info, answer) => {
    const answerRefused = (refusal: HandshakeRefusal): void => {
      const headers = { ...refusal.headers, 'Content-Type': 'application/json; charset=utf-8' };
      answer(false, refusal.status, JSON.stringify(refusal.body), headers);
    };
    handler
      .judge(info.req)
      .then((refusal) => {
        if (refusal !== null) answerRefused(refusal);
        else if (!own) answer(true);
        else if (own.length < 2) answer((own as (info: object) => boolean)(info));
        else own(info, answer);
      })
      .catch((error: unknown) => answerRefused(failed(error)));
  };
  server.options.verifyClient = verifyClient;
  server.on('connection', (client: WsClient, request: IncomingMessage) => handler.open(request, client));
}

/** Ends refused handshakes with `connect_error`, whose `data` contains the reason. */
export function guardIoServer(server: IoServer, handler: SocketHandler<IoSocket>): void {
  server.use((socket, next) => {
    void handler.judge(socket).then((refusal) => {
      if (refusal !== null) return next(Object.assign(new Error('Unauthorized'), { data: refusal.body }));
      return next();
    });
  });
  // Not in the middleware: middleware of the application may follow, and only a connected socket can be disconnected.
  server.on('connection', (socket) => handler.open(socket, socket));
}
