import { parseDatabaseUrl, type DatabaseUrl } from '@latchkey/platform/database';
import { EnvironmentReader, secretWeakness, type Environment } from '@latchkey/platform/environment';
import {
  isLoopback,
  ownUrl,
  readAllowPlainHttp,
  readHttpSettings,
  type HttpSettings,
} from '@latchkey/platform/http';
import { LOG_LEVELS, type LogLevel } from '@latchkey/platform/logging';
import { readMetricsEndpoint, type MetricsEndpoint } from '@latchkey/platform/metrics';
import { isResourceIdentifier } from '@latchkey/resource-server';

export interface ResourceServerConfig {
  readonly http: HttpSettings;
  /** The address of the metrics; `null`: they are not served. */
  readonly metrics: MetricsEndpoint | null;
  readonly logLevel: LogLevel;
  readonly database: DatabaseUrl;
  readonly authorizationServerUrl: string;
  /** The `iss` that tokens must have. */
  readonly issuer: string;
  /** The `aud` that tokens must have, which identifies this API. */
  readonly audience: string;
  /** The URL of this API for clients, and so of its metadata (RFC 9728); `null`: unknown. */
  readonly resource: string | null;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tokens: TokenChecksConfig;
}

/** How tokens are checked. */
interface TokenChecksConfig {
  readonly validation: 'introspection' | 'local';
  /** How long the revocation feed may be silent, in milliseconds; `null`: it is not used. */
  readonly feedMaxStalenessMs: number | null;
  /** Maximum time that an answer is used, in milliseconds; `null`: the feed decides. */
  readonly cacheTtlMs: number | null;
}

/** Variables that may come from a file, whose path is in the variable with the suffix `_FILE`. */
export const SECRETS = ['CLIENT_SECRET', 'DATABASE_URL'];

/**
 * Reads the configuration from environment variables.
 *
 * @throws ConfigurationError naming every variable that is wrong, never a value
 */
export function loadResourceServerConfig(environment: Environment): ResourceServerConfig {
  return readResourceServerConfig(new EnvironmentReader(environment, SECRETS));
}

/** @throws ConfigurationError naming every variable that is wrong, never a value */
export function readResourceServerConfig(reader: EnvironmentReader): ResourceServerConfig {
  const production = reader.production();
  const authorizationServerUrl = readAuthorizationServerUrl(reader, production);
  const http = readHttpSettings(reader, { port: 3001, production });
  const audience = reader.visible('AUDIENCE');
  const config: ResourceServerConfig = {
    http,
    metrics: readMetricsEndpoint(reader, http.port),
    logLevel: reader.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    database: readDatabase(reader),
    authorizationServerUrl,
    issuer: reader.url('ISSUER', authorizationServerUrl),
    audience,
    resource: readResource(reader, audience, http),
    clientId: reader.printable('CLIENT_ID'),
    clientSecret: readSecret(reader, production),
    tokens: readTokenChecks(reader),
  };
  reader.assertValid();
  return Object.freeze(config);
}

/** RFC 7662 section 4: introspection requests contain a token and a client's secret. */
function readAuthorizationServerUrl(reader: EnvironmentReader, production: boolean): string {
  const url = reader.baseUrl('AUTHORIZATION_SERVER_URL', null);
  const isClear = url.startsWith('http:') && URL.canParse(url) && !isLoopback(new URL(url).hostname);
  if (production && isClear && !readAllowPlainHttp(reader)) {
    reader.problem(
      'AUTHORIZATION_SERVER_URL',
      'must be https, or ALLOW_PLAIN_HTTP=true where the network encrypts',
    );
  }
  return url;
}

/**
 * An https audience is the URL of the API. An audience on the local host is a fixed name, while ports may change: then
 * the URL is the one on which this server listens.
 */
function readResource(reader: EnvironmentReader, audience: string, http: HttpSettings): string | null {
  const isLocal = audience.startsWith('http:') && isResourceIdentifier(audience);
  const resource = reader.url(
    'RESOURCE_URL',
    isLocal && http.port !== 0 ? ownUrl(http) + new URL(audience).pathname : audience,
  );
  if (isResourceIdentifier(resource)) return resource;
  if (reader.optional('RESOURCE_URL') !== null) {
    reader.problem('RESOURCE_URL', 'must be https, or http on the local host, with a plain path');
  }
  return null;
}

function readTokenChecks(reader: EnvironmentReader): TokenChecksConfig {
  const validation = reader.oneOf('TOKEN_VALIDATION', ['introspection', 'local'], 'introspection');
  const hasFeed = reader.boolean('REVOCATION_FEED', true);
  const maxStalenessMs = reader.integer('REVOCATION_FEED_MAX_STALENESS_MS', 5000, { min: 100, max: 60_000 });
  const ttlMs = reader.integer('TOKEN_CACHE_TTL_MS', 0, { min: 0, max: 86_400_000 });
  if (validation === 'local' && !hasFeed) reader.problem('TOKEN_VALIDATION', 'local takes REVOCATION_FEED');
  return Object.freeze({
    validation,
    feedMaxStalenessMs: hasFeed ? maxStalenessMs : null,
    cacheTtlMs: reader.optional('TOKEN_CACHE_TTL_MS') === null ? null : ttlMs,
  });
}

function readDatabase(reader: EnvironmentReader): DatabaseUrl {
  const fallback: DatabaseUrl = { dialect: 'sqlite', path: '' };
  const value = reader.string('DATABASE_URL', 'sqlite:./data/resources.sqlite');
  return parseDatabaseUrl(value, (text) => reader.problem('DATABASE_URL', text)) ?? fallback;
}

function readSecret(reader: EnvironmentReader, production: boolean): string {
  const secret = reader.printable('CLIENT_SECRET');
  const weakness = production && secret !== '' ? secretWeakness(secret) : null;
  if (weakness !== null) reader.problem('CLIENT_SECRET', weakness);
  return secret;
}
