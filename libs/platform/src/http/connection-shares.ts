import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from './address.js';

/** A trusted proxy serves many users, so this many of its connections count as one. */
const PROXY_SHARES = 8;

const UNKNOWN = 'unknown';

/** What happened to a connection beyond the limit: another one was closed for it, or it was closed itself. */
export type ConnectionOutcome = 'idle_closed' | 'refused';

interface ConnectionLimits {
  readonly maxConnections: number;
  /** Whether an address is that of a trusted proxy. */
  readonly isProxy: (address: string) => boolean;
  /** Called for each connection beyond the limit. @param peer whose connection was closed */
  readonly onLimit?: (outcome: ConnectionOutcome, peer: Readonly<Peer>) => void;
}

interface Peer {
  /** An IPv4 address, or the first half of an IPv6 address. */
  readonly name: string;
  readonly isProxy: boolean;
  /** The most recently used ones are at the end. */
  readonly connections: Set<Connection>;
}

interface Connection {
  readonly peer: Peer;
  socket: Socket;
  request: IncomingMessage | null;
  response: ServerResponse | null;
  /** Orders connections by their last use. */
  usedAt: number;
}

/**
 * Limits the connections of a server. Below the limit a peer may have any number of connections. A connection beyond it
 * replaces an idle one: the one of the peer with most connections that has been idle longest. So a peer with many open
 * connections cannot keep others out, and with `n` peers each can have an `n`th of all connections. Connections of
 * peers that have fewer than the new connection's peer are not closed. If no connection can be closed, the new one is.
 */
export class ConnectionShares {
  readonly #peers = new Map<string, Peer>();
  readonly #bySocket = new Map<Socket, Connection>();
  /** By both ends, which an encrypted socket shares with the socket below it. */
  readonly #byEnds = new Map<string, Connection>();
  #open = 0;
  #uses = 0;

  constructor(
    server: Server,
    private readonly limits: ConnectionLimits,
  ) {
    server.on('connection', (socket: Socket) => this.#admit(socket));
    server.on('secureConnection', (socket: Socket) => this.#encrypted(socket));
    server.on('request', (request, response) => this.#use(request, response));
  }

  get open(): number {
    return this.#open;
  }

  #admit(socket: Socket): void {
    const peer = this.#peerOf(socket);
    const connection = { peer, socket, request: null, response: null, usedAt: this.#uses++ };
    const ends = endsOf(socket);
    this.#open++;
    peer.connections.add(connection);
    this.#bySocket.set(socket, connection);
    this.#byEnds.set(ends, connection);
    socket.once('close', () => {
      this.#forget(connection);
      this.#bySocket.delete(socket);
      if (this.#byEnds.get(ends) === connection) this.#byEnds.delete(ends);
    });
    if (this.#open > this.limits.maxConnections) this.#makeRoomFor(connection);
  }

  #encrypted(socket: Socket): void {
    const connection = this.#byEnds.get(endsOf(socket));
    if (connection === undefined) return;
    connection.socket = socket;
    this.#bySocket.set(socket, connection);
    socket.once('close', () => this.#bySocket.delete(socket));
  }

  #use(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#bySocket.get(request.socket);
    if (connection === undefined) return;
    connection.request = request;
    connection.response = response;
    connection.usedAt = this.#uses++;
    const { connections } = connection.peer;
    if (connections.delete(connection)) connections.add(connection);
  }

  #makeRoomFor(newcomer: Connection): void {
    const given = this.#leastEntitled(newcomer);
    this.limits.onLimit?.(given === newcomer ? 'refused' : 'idle_closed', given.peer);
    // Removed before its close event, so that it is no longer counted.
    this.#forget(given);
    given.socket.destroy();
  }

  #leastEntitled(newcomer: Connection): Connection {
    let least = newcomer;
    let most = weightOf(newcomer.peer);
    for (const peer of this.#peers.values()) {
      const weight = weightOf(peer);
      if (weight < most) continue;
      const idle = firstIdle(peer, newcomer);
      if (idle === null) continue;
      if (weight > most || least === newcomer || idle.usedAt < least.usedAt) least = idle;
      most = weight;
    }
    return least;
  }

  #peerOf({ remoteAddress = '' }: Socket): Peer {
    const name = networkOf(remoteAddress) ?? UNKNOWN;
    const known = this.#peers.get(name);
    if (known !== undefined) return known;
    const peer = { name, isProxy: this.limits.isProxy(remoteAddress), connections: new Set<Connection>() };
    this.#peers.set(name, peer);
    return peer;
  }

  #forget(connection: Connection): void {
    const { peer } = connection;
    if (!peer.connections.delete(connection)) return;
    this.#open--;
    if (peer.connections.size === 0) this.#peers.delete(peer.name);
  }
}

function weightOf({ isProxy, connections }: Peer): number {
  return isProxy ? connections.size / PROXY_SHARES : connections.size;
}

function firstIdle({ connections }: Peer, newcomer: Connection): Connection | null {
  for (const connection of connections) if (connection !== newcomer && isIdle(connection)) return connection;
  return null;
}

/** Whether the server does no work for it: there was no request yet, the request is incomplete, or it is answered. */
function isIdle({ request, response }: Connection): boolean {
  return request?.complete !== true || response?.writableFinished === true;
}

function endsOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
