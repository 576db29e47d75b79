import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Counter, Gauge, type Registry } from 'prom-client';
import { RepeatedWarning } from '../logging/repeated-warning.js';
import { parseAddress, type Trust } from './address.js';
import { ConnectionShares, type ConnectionOutcome } from './connection-shares.js';

const OUTCOMES: readonly ConnectionOutcome[] = ['idle_closed', 'refused'];

/**
 * Limits the connections of a server, and reports to the operator when the limit is reached.
 *
 * @param trust which peers are proxies
 */
export function limitConnections(
  { server }: Pick<FastifyInstance, 'server'>,
  maxConnections: number,
  trust: Trust | null,
  registry: Registry,
  logger: Logger,
): void {
  const registers = [registry];
  const beyond = new Counter({
    name: 'latchkey_http_connections_beyond_limit_total',
    help: 'Connections beyond the limit by what became of them: idle_closed, an idle one was closed for it, or refused',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of OUTCOMES) beyond.inc({ outcome }, 0);
  const warning = new RepeatedWarning(logger, 'the connections are at their limit');
  const shares = new ConnectionShares(server, {
    maxConnections,
    isProxy: (address) => trust?.(parseAddress(address) ?? '') ?? false,
    onLimit: (outcome, { name, connections }) => {
      beyond.inc({ outcome });
      warning.happened(() => ({ outcome, peer: name, peer_connections: connections.size, maxConnections }));
    },
  });
  new Gauge({
    name: 'latchkey_http_connections',
    help: 'Open connections',
    registers,
    collect() {
      this.set(shares.open);
    },
  });
}
