import { isIPv6 } from 'node:net';
import type { EnvironmentReader } from '../environment/environment-reader.js';
import { readShutdownSettings, type ShutdownSettings } from '../lifecycle/shutdown-settings.js';
import { readTls, type TlsSettings } from './tls.js';

/** How a server is reached, and the limits for clients before they are authenticated. */
export interface HttpSettings {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** `null`: plain HTTP. */
  readonly tls: TlsSettings | null;
  /** Seconds for a request to arrive completely; at most ten of them for its header. */
  readonly requestTimeout: number;
  /** Connections at a time; a further one replaces an idle one, see `ConnectionShares`. */
  readonly maxConnections: number;
  readonly shutdown: ShutdownSettings;
  /** Whether the description of the API is served at `/docs`. */
  readonly docs: boolean;
}

interface HttpDefaults {
  readonly port: number;
  readonly production: boolean;
}

/**
 * Reads the settings that both servers have in common. In production, passwords and tokens must not cross a network in
 * clear: a server that other machines can reach needs a certificate, or a setting that confirms encryption by the
 * network.
 */
export function readHttpSettings(
  reader: EnvironmentReader,
  { port, production }: HttpDefaults,
): HttpSettings {
  const host = reader.host('HOST', '127.0.0.1');
  const tls = readTls(reader);
  if (production && tls === null && !isLoopback(host) && !readAllowPlainHttp(reader)) {
    reader.problem(
      'HOST',
      'is not loopback: set TLS_CERT_FILE and TLS_KEY_FILE, or ALLOW_PLAIN_HTTP=true where a proxy in front encrypts',
    );
  }
  return {
    host,
    port: reader.integer('PORT', port, { min: 0, max: 65_535 }),
    tls,
    requestTimeout: reader.integer('REQUEST_TIMEOUT', 30, { min: 1, max: 300 }),
    maxConnections: reader.integer('MAX_CONNECTIONS', 10_000, { min: 1, max: 1_000_000 }),
    shutdown: readShutdownSettings(reader, production),
    docs: reader.boolean('DOCS', !production),
  };
}

/** Whether the operator confirms that the network encrypts. */
export function readAllowPlainHttp(reader: EnvironmentReader): boolean {
  return reader.boolean('ALLOW_PLAIN_HTTP', false);
}

/** The URL of the server on this machine: with brackets around an IPv6 address, and loopback for "all addresses". */
export function ownUrl({ host, port, tls }: Pick<HttpSettings, 'host' | 'port' | 'tls'>): string {
  const address = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `${tls === null ? 'http' : 'https'}://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

/** Whether only this machine can reach the host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
