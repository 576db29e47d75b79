import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';

export const SOCKETS = ['ws', 'socket.io'] as const;

export type SocketKind = (typeof SOCKETS)[number];

/** What an application answers to a message, or says when it refuses one. */
interface SocketAnswer {
  readonly event: string;
  readonly data: unknown;
}

/** A client of a gateway. */
interface SocketClient {
  /**
   * Sends a message and waits for what comes next.
   *
   * @throws Error when the socket is closed before
   */
  ask(event: string, data?: unknown): Promise<SocketAnswer>;
  /**
   * Waits for the next message that nothing was asked for.
   *
   * @throws Error when the socket is closed before
   */
  next(): Promise<SocketAnswer>;
  /** Is called with each message that is sent without an event of the application: the text of ws, the data of socket.io. */
  onMessage(listener: (message: unknown) => void): void;
  /** Settles when the server has closed the socket. */
  readonly closed: Promise<unknown>;
  close(): void;
}

/** A handshake that was refused. */
export class RefusedHandshake extends Error {
  constructor(
    readonly status: number | null,
    readonly body: unknown,
    readonly challenge: string | undefined,
  ) {
    super('The handshake was refused');
  }
}

export interface HandshakeOptions {
  readonly authorization?: string | undefined;
  /** Of socket.io. */
  readonly auth?: Record<string, unknown>;
  readonly path?: string;
}

/** @throws RefusedHandshake */
export function connect(
  kind: SocketKind,
  url: string,
  { authorization, auth, path = '/' }: HandshakeOptions = {},
): Promise<SocketClient> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  if (kind === 'ws') return connectWs(new WebSocket(url.replace(/^http/, 'ws') + path, { headers }));
  return connectIo(
    io(url + path, {
      extraHeaders: headers,
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      ...(auth && { auth }),
    }),
  );
}

async function connectWs(socket: WebSocket): Promise<SocketClient> {
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve).once('error', reject);
    socket.once('unexpected-response', (_, response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const { statusCode = null, headers } = response;
        reject(new RefusedHandshake(statusCode, JSON.parse(text) as unknown, headers['www-authenticate']));
      });
    });
  });
  const closed = once(socket, 'close') as Promise<[number, Buffer]>;
  const message = async (): Promise<SocketAnswer> => {
    const [data] = (await once(socket, 'message')) as [Buffer];
    return JSON.parse(data.toString()) as SocketAnswer;
  };
  const next = () =>
    unlessClosed(
      message(),
      closed.then(([code, reason]) => `${code} ${reason.toString()}`),
    );
  return {
    ask: (event, data) => {
      const answer = next();
      socket.send(JSON.stringify({ event, data }));
      return answer;
    },
    next,
    onMessage: (listener) => void socket.on('message', (data: Buffer) => listener(data.toString())),
    closed,
    close: () => socket.terminate(),
  };
}

async function connectIo(socket: Socket): Promise<SocketClient> {
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', (error: Error & { data?: unknown }) => {
      socket.close();
      reject(new RefusedHandshake(null, error.data, undefined));
    });
  });
  const closed = new Promise<string>((resolve) => socket.once('disconnect', resolve));
  const message = (): Promise<SocketAnswer> =>
    new Promise((resolve) => {
      socket.onAny(function listener(event: string, data: unknown) {
        socket.offAny(listener);
        resolve({ event, data });
      });
    });
  const next = () => unlessClosed(message(), closed);
  return {
    ask: (event, data) => {
      const answer = next();
      socket.emit(event, data);
      return answer;
    },
    next,
    onMessage: (listener) => void socket.on('message', listener),
    closed,
    close: () => void socket.close(),
  };
}

function unlessClosed<T>(answer: Promise<T>, closed: Promise<string>): Promise<T> {
  const refusal = closed.then((reason) => {
    throw new Error(`The socket was closed: ${reason}`);
  });
  return Promise.race([answer, refusal]);
}
