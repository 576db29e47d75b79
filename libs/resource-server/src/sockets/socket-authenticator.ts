import type { EventEmitter } from 'node:events';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { AccessToken } from '../claims/access-token.js';
import { accessOf, type Access } from '../authorization/public.decorator.js';
import { EntryPoints, placeOf } from '../authorization/entry-points.js';
import { AccessTokenGuard } from '../bearer/access-token.guard.js';
import { RequestAuthenticator } from '../bearer/request-authenticator.js';
import { TokenWatch } from '../bearer/token-watch.js';
import { ResourceServerSettings } from '../options/resource-server-settings.js';
import { BearerError } from '../refusals/bearer-error.js';
import { Refusal } from '../refusals/refusal.js';
import { Refusals } from '../refusals/refusals.js';
import { extractBearerToken, requireBearerToken, type HttpRequest } from '../request/bearer-token.js';
import type { CallContext } from '../request/carriers.js';
import { isHttpRequest, withCredentials } from '../request/context-requests.js';
import { judgementOf, setJudgement, tokenSignalOf } from '../request/judgement.js';
import {
  guardIoServer,
  guardWsServer,
  isIoServer,
  isWsServer,
  recoversConnections,
  sendNothingLate,
  type HandshakeRefusal,
  type IoSocket,
  type WsClient,
} from './socket-servers.js';

/** Policy violation (RFC 6455 section 7.4.1). */
const POLICY_VIOLATION = 1008;

/** The part of a WebSocket adapter that creates servers. */
interface SocketServerFactory {
  create(port: number, options?: object): unknown;
}

/**
 * Authenticates the sockets of gateways: checks their token at the handshake and as long as they are open. A socket
 * whose token is revoked, expires, or can no longer be checked is closed within the bound that applies to requests.
 */
@Injectable()
export class SocketAuthenticator implements OnModuleInit {
  readonly #logger = new Logger('ResourceServer');
  #isInUse = false;

  constructor(
    private readonly authenticator: RequestAuthenticator,
    private readonly watch: TokenWatch,
    private readonly guardOfMessages: AccessTokenGuard,
    private readonly entryPoints: EntryPoints,
    private readonly refusals: Refusals,
    private readonly adapterHost: HttpAdapterHost,
    private readonly settings: ResourceServerSettings,
  ) {}

  /**
   * Adds the check to all sockets that an adapter of the application accepts: `WsAdapter`, `IoAdapter`, or a subclass.
   *
   * @returns the same adapter, for `application.useWebSocketAdapter()`
   */
  guard<T extends SocketServerFactory>(adapter: T): T {
    this.#isInUse = true;
    const create = adapter.create.bind(adapter);
    const guarded = new WeakSet<object>();
    adapter.create = (port: number, options?: object): unknown => {
      const server = create(port, options) as object;
      if (!guarded.has(server)) {
        this.#assertHandshakes(server, port);
        this.#guard(server, this.#accessOf(port, options ?? {}));
      }
      guarded.add(server);
      return server;
    };
    return adapter;
  }

  /** @throws Error when gateways need a token and no adapter is guarded */
  onModuleInit(): void {
    // A worker or a command-line application opens no sockets.
    const { httpAdapter } = this.adapterHost as Partial<HttpAdapterHost>;
    if (this.#isInUse || httpAdapter === undefined) return;
    const gateway = this.entryPoints.gateways.find(({ type }) => this.entryPoints.needsToken(type));
    if (gateway === undefined) return;
    throw new Error(
      `${gateway.type.name} is not public, and nothing judges its sockets: call application.useWebSocketAdapter(application.get(SocketAuthenticator).guard(adapter)) with a WsAdapter or IoAdapter, or mark the class @Public()`,
    );
  }

  /** @throws Error when gateways of one server require different access */
  #accessOf(port: number, options: { path?: string; namespace?: string }): Access {
    const place = placeOf(options);
    const here = this.entryPoints.gateways.filter(
      (one) => one.port === port && one.path === place.path && one.namespace === place.namespace,
    );
    const [access = 'required', ...others] = here.map(({ type }) => accessOf(type, type));
    if (others.every((other) => other === access)) return access;
    const names = here.map(({ type }) => type.name).join(' and ');
    throw new Error(
      `${names} share their sockets, and not all are public: give them paths or namespaces of their own`,
    );
  }

  /** @throws Error when a server would recover connections that need a token, because their handshake is not checked */
  #assertHandshakes(server: object, port: number): void {
    const { gateways } = this.entryPoints;
    const isOpen = gateways.every((one) => one.port !== port || accessOf(one.type, one.type) === 'public');
    if (isOpen || !recoversConnections(server)) return;
    throw new Error(
      'connectionStateRecovery of socket.io sends missed messages before the token of a new connection is checked: leave it out where not all gateways of a port are public',
    );
  }

  #guard(server: object, access: Access): void {
    if (isWsServer(server)) {
      return guardWsServer(
        server,
        {
          judge: (handshake) => this.#judge(handshake, () => handshake as HttpRequest, access),
          open: (handshake, client) => {
            sendNothingLate(client, 'send', () => this.watch.lookIfLate());
            this.#open(handshake, client, client, (error) => closeWs(client, error));
          },
        },
        (error) => this.#failed(error),
      );
    }
    if (isIoServer(server)) {
      return guardIoServer(server, {
        judge: (socket) => this.#judge(socket, () => ioRequest(socket as IoSocket), access),
        open: (_, socket) => {
          sendNothingLate(socket, 'emit', () => this.watch.lookIfLate());
          this.#open(socket, socket, socket.conn, (error) => closeIo(socket, error));
        },
      });
    }
    throw new Error(
      'SocketAuthenticator knows the servers of ws and socket.io, and this adapter makes others',
    );
  }

  /**
   * @param handshake the object that stores the judgement
   * @param builtIn the request if the option `requestOf` returns none
   */
  async #judge(
    handshake: object,
    builtIn: () => HttpRequest,
    access: Access,
  ): Promise<HandshakeRefusal | null> {
    try {
      const request = this.#requestOf(handshake) ?? builtIn();
      const token = await this.#tokenOf(request, access);
      setJudgement(handshake, {
        token,
        request,
        signals: this.watch,
        lifetime: null,
        guard: this.guardOfMessages,
      });
      return null;
    } catch (error) {
      const refusal = this.authenticator.refuse(error, 'the handshake of a socket');
      if (!(refusal instanceof BearerError)) return this.#failed(refusal);
      const headers = refusal.headers(this.settings.challenge);
      return { status: refusal.getStatus(), headers, body: refusal.getResponse() as object };
    }
  }

  #failed(error: unknown): HandshakeRefusal {
    this.#logger.error('The handshake of a socket cannot be checked', error);
    return { status: 500, headers: {}, body: {} };
  }

  /** For public access no token is read; a message that needs one reads it then. */
  async #tokenOf(request: HttpRequest, access: Access): Promise<AccessToken | null> {
    if (access === 'public') return null;
    const bearer = access === 'required' ? requireBearerToken(request) : extractBearerToken(request);
    if (bearer === null) return null;
    const verdict = await this.authenticator.verdictOn(bearer);
    if (verdict instanceof Refusal) throw BearerError.invalidToken(verdict);
    this.refusals.accepted();
    return verdict;
  }

  #open(handshake: object, client: object, lifetime: EventEmitter, end: (error: BearerError) => void): void {
    const judged = judgementOf(handshake);
    // The socket came in without a checked handshake.
    if (judged === undefined) return end(BearerError.missingToken());
    setJudgement(client, { ...judged, lifetime });
    const signal = tokenSignalOf(client);
    signal?.addEventListener('abort', () => end(signal.reason as BearerError), { once: true });
  }

  #requestOf(handshake: object): HttpRequest | null {
    const context: CallContext = {
      getType: <T>() => 'ws' as T,
      getArgByIndex: <T>(index: number) => (index === 0 ? handshake : undefined) as T,
    };
    const request = this.settings.requestOf?.(context);
    return isHttpRequest(request) ? request : null;
  }
}

/** Browsers cannot set headers of a socket; socket.io has `auth` for it. */
function ioRequest({ handshake: { headers, url = '', auth } }: IoSocket): HttpRequest {
  const token = auth?.token;
  return withCredentials({ headers, url }, token === undefined ? undefined : `Bearer ${asText(token)}`);
}

function asText(token: unknown): string {
  return typeof token === 'string' ? token : '';
}

function closeWs(client: WsClient, error: BearerError): void {
  client.close(POLICY_VIOLATION, (error.getResponse() as { error: string }).error);
}

function closeIo(socket: IoSocket, error: BearerError): void {
  socket.emit('exception', error.toMessage());
  // Later messages to this socket are dropped.
  socket.emit = () => false;
  socket.disconnect();
}
