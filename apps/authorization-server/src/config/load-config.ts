import { availableParallelism } from 'node:os';
import { parseDatabaseUrl } from '@latchkey/platform/database';
import { EnvironmentReader, type Environment, secretWeakness } from '@latchkey/platform/environment';
import { isAddressRange, ownUrl, readHttpSettings, type HttpSettings } from '@latchkey/platform/http';
import { LOG_LEVELS } from '@latchkey/platform/logging';
import { readMetricsEndpoint } from '@latchkey/platform/metrics';
import {
  MAX_ARGON2_WORK,
  type AuthorizationServerConfig,
  type BootstrapClient,
  type PasswordPeppers,
} from './authorization-server-config.js';
import { parseMasterKey } from './master-key-format.js';
import { readPasskeySettings } from './passkey-settings.js';
import { readMessageSettings } from './read-message-settings.js';

const DAY = 86_400;

/** Variables that may come from a file, whose path is in the variable with the suffix `_FILE`. */
export const SECRETS = [
  'DATABASE_URL',
  'LATCHKEY_MASTER_KEY',
  'LATCHKEY_MASTER_KEY_PREVIOUS',
  'LATCHKEY_BOOTSTRAP_CLIENT_SECRET',
  'LATCHKEY_PASSWORD_PEPPERS',
  'SMTP_URL',
  'EMAIL_WEBHOOK_SECRET',
];

/** The minimum of OWASP's password storage advice, which is the least we accept. */
const ARGON2_FLOOR = { memoryKib: 19_456, iterations: 2 };

/** @throws ConfigurationError naming every variable that is wrong */
export function loadConfig(environment: Environment): AuthorizationServerConfig {
  return readConfig(new EnvironmentReader(environment, SECRETS));
}

/** @throws ConfigurationError naming every variable that is wrong */
export function readConfig(reader: EnvironmentReader): AuthorizationServerConfig {
  const production = reader.production();
  const http = readHttpSettings(reader, { port: 3000, production });
  const workers = reader.integer('HASH_WORKERS', Math.max(1, availableParallelism() - 1), {
    min: 1,
    max: 256,
  });
  const issuer = readIssuer(reader, production ? null : http);
  const config: AuthorizationServerConfig = {
    http,
    issuer,
    production,
    databaseUrl: readDatabaseUrl(reader),
    dataDirectory: reader.string('LATCHKEY_DATA_DIR', './data'),
    masterKey: readMasterKey(reader, 'LATCHKEY_MASTER_KEY', production),
    previousMasterKey: readMasterKey(reader, 'LATCHKEY_MASTER_KEY_PREVIOUS', false),
    bootstrapClient: readBootstrapClient(reader, production),
    configurationFile: reader.optional('LATCHKEY_CONFIG'),
    demo: readDemo(reader, production),
    tokenLifetimes: {
      accessTokenTtl: reader.integer('ACCESS_TOKEN_TTL', 300, { min: 1, max: DAY }),
      refreshTokenTtl: reader.integer('REFRESH_TOKEN_TTL', 30 * DAY, { min: 1, max: 3650 * DAY }),
      refreshTokenIdleTtl: reader.integer('REFRESH_TOKEN_IDLE_TTL', 7 * DAY, { min: 1, max: 3650 * DAY }),
      refreshTokenGrace: reader.integer('REFRESH_TOKEN_GRACE', 30, { min: 0, max: 300 }),
    },
    argon2: {
      memoryKib: reader.integer('ARGON2_MEMORY_KIB', ARGON2_FLOOR.memoryKib, {
        min: ARGON2_FLOOR.memoryKib,
        max: 1_048_576,
      }),
      iterations: reader.integer('ARGON2_ITERATIONS', ARGON2_FLOOR.iterations, {
        min: ARGON2_FLOOR.iterations,
        max: 100,
      }),
    },
    passwordPeppers: readPeppers(reader),
    hashPool: {
      workers,
      queueLimit: reader.integer('HASH_QUEUE_LIMIT', 128, { min: 1, max: 100_000 }),
      queueDeadlineMs: reader.integer('HASH_QUEUE_DEADLINE_MS', 2000, { min: 10, max: 60_000 }),
    },
    // NIST SP 800-63B-4 section 3.1.1.2: 15 where the password is the only factor, and never less than 8.
    passwordMinLength: reader.integer('PASSWORD_MIN_LENGTH', 15, { min: 8, max: 64 }),
    throttle: readThrottle(reader),
    clientRates: {
      token: reader.integer('CLIENT_TOKEN_RATE', 300, { min: 1, max: 1_000_000 }),
      revocation: reader.integer('CLIENT_REVOCATION_RATE', 50, { min: 1, max: 1_000_000 }),
      feed: reader.integer('CLIENT_FEED_RATE', 20, { min: 1, max: 1_000_000 }),
    },
    loginAlarm: {
      window: reader.integer('LOGIN_ALARM_WINDOW', 60, { min: 10, max: DAY }),
      global: reader.integer('LOGIN_ALARM_GLOBAL', 300, { min: 1, max: 1_000_000 }),
      client: reader.integer('LOGIN_ALARM_CLIENT', 100, { min: 1, max: 1_000_000 }),
    },
    auditRetention: reader.integer('AUDIT_RETENTION_DAYS', 400, { min: 1, max: 36_500 }) * DAY,
    maxLoginsPerUser: reader.integer('MAX_LOGINS_PER_USER', 0, { min: 0, max: 1000 }) || null,
    passwordGrantEnabled: reader.boolean('PASSWORD_GRANT_ENABLED', true),
    passkeys: readPasskeySettings(reader, issuer),
    messages: readMessageSettings(reader, production),
    trustProxy: readTrustProxy(reader),
    metrics: readMetricsEndpoint(reader, http.port),
    logLevel: reader.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
  };
  if (config.argon2.memoryKib * config.argon2.iterations > MAX_ARGON2_WORK) {
    reader.problem(
      'ARGON2_ITERATIONS',
      'times ARGON2_MEMORY_KIB must not exceed 8388608: a login would take seconds',
    );
  }
  reader.assertValid();
  return Object.freeze(config);
}

const MAX_ISSUER_LENGTH = 255;

/** RFC 8414 section 2: an issuer is an https URL. In development http is allowed. */
function readIssuer(reader: EnvironmentReader, development: HttpSettings | null): string {
  const issuer = reader.url('ISSUER', development && ownUrl(development));
  if (development?.port === 0 && reader.optional('ISSUER') === null) {
    reader.problem('ISSUER', 'is required with PORT=0: it names the port');
  }
  if (development === null && issuer.startsWith('http:')) {
    reader.problem('ISSUER', 'must be an https URL in production');
  }
  if (issuer.length > MAX_ISSUER_LENGTH) {
    reader.problem('ISSUER', `must have at most ${MAX_ISSUER_LENGTH} characters: every token has it`);
  }
  return issuer;
}

/** The ranges exclude values that disable the throttle, and values that lock owners out permanently. */
function readThrottle(reader: EnvironmentReader): AuthorizationServerConfig['throttle'] {
  const settings = {
    freeAttempts: reader.integer('THROTTLE_FREE_ATTEMPTS', 5, { min: 1, max: 100 }),
    baseDelay: reader.integer('THROTTLE_BASE_DELAY', 1, { min: 1, max: 60 }),
    maxDelay: reader.integer('THROTTLE_MAX_DELAY', 900, { min: 1, max: DAY }),
    window: reader.integer('THROTTLE_WINDOW', DAY, { min: 60, max: 30 * DAY }),
    sourceAccounts: reader.integer('THROTTLE_SOURCE_ACCOUNTS', 50, { min: 1, max: 100_000 }),
  };
  if (settings.maxDelay < settings.baseDelay) {
    reader.problem('THROTTLE_MAX_DELAY', 'must not be below THROTTLE_BASE_DELAY');
  }
  if (settings.window < settings.maxDelay) {
    reader.problem('THROTTLE_WINDOW', 'must not be below THROTTLE_MAX_DELAY');
  }
  return settings;
}

function readDatabaseUrl(reader: EnvironmentReader): AuthorizationServerConfig['databaseUrl'] {
  const value = reader.string('DATABASE_URL', 'sqlite:./data/latchkey.sqlite');
  const parsed = parseDatabaseUrl(value, (text) => reader.problem('DATABASE_URL', text));
  return parsed ?? { dialect: 'sqlite', path: '' };
}

function readMasterKey(reader: EnvironmentReader, name: string, required: boolean): Buffer | null {
  const text = reader.optional(name);
  if (text === null) {
    if (required) reader.problem(name, 'is required in production');
    return null;
  }
  const key = parseMasterKey(text);
  if (key === null) reader.problem(name, 'must be 32 random bytes as base64, base64url or hex');
  return key;
}

function readBootstrapClient(reader: EnvironmentReader, production: boolean): BootstrapClient | null {
  const clientId = reader.optional('LATCHKEY_BOOTSTRAP_CLIENT_ID');
  const clientSecret = reader.optional('LATCHKEY_BOOTSTRAP_CLIENT_SECRET');
  if (clientId === null && clientSecret === null) return null;
  if (clientId === null)
    reader.problem('LATCHKEY_BOOTSTRAP_CLIENT_ID', 'is required with the bootstrap secret');
  if (clientSecret === null) {
    reader.problem('LATCHKEY_BOOTSTRAP_CLIENT_SECRET', 'is required with the bootstrap client id');
  } else if (production) {
    const weakness = secretWeakness(clientSecret);
    if (weakness !== null) reader.problem('LATCHKEY_BOOTSTRAP_CLIENT_SECRET', weakness);
  }
  const vschar = /^[\x20-\x7e]{1,255}$/;
  if (clientId !== null && !vschar.test(clientId)) {
    reader.problem('LATCHKEY_BOOTSTRAP_CLIENT_ID', 'must be printable ASCII (RFC 6749 appendix A.1)');
  }
  if (clientSecret !== null && !vschar.test(clientSecret)) {
    reader.problem('LATCHKEY_BOOTSTRAP_CLIENT_SECRET', 'must be printable ASCII (RFC 6749 appendix A.2)');
  }
  return { clientId: clientId ?? '', clientSecret: clientSecret ?? '' };
}

/** A JSON object of names and values. */
function readPeppers(reader: EnvironmentReader): PasswordPeppers {
  const text = reader.optional('LATCHKEY_PASSWORD_PEPPERS');
  if (text === null) return {};
  const peppers = Object.entries(parseObject(text) ?? { '': '' });
  // bcrypt stops reading at a NUL.
  const usable = ([name, value]: [string, unknown]) =>
    /^[\w-]{1,64}$/.test(name) && typeof value === 'string' && value !== '' && !value.includes('\0');
  if (!peppers.every(usable)) {
    reader.problem(
      'LATCHKEY_PASSWORD_PEPPERS',
      'must be a JSON object such as {"shop": "VALUE"}: names of letters, digits, "_" and "-", and values that are texts',
    );
    return {};
  }
  return Object.freeze(Object.fromEntries(peppers) as Record<string, string>);
}

function parseObject(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function readDemo(reader: EnvironmentReader, production: boolean): boolean {
  const demo = reader.boolean('LATCHKEY_DEMO', false);
  if (demo && production) reader.problem('LATCHKEY_DEMO', 'cannot be used in production');
  if (demo && reader.optional('LATCHKEY_CONFIG') !== null) {
    reader.problem('LATCHKEY_DEMO', 'cannot be combined with LATCHKEY_CONFIG');
  }
  return demo;
}

/** `true`, `false`, or a comma-separated list of addresses and ranges of the proxies in front of the server. */
function readTrustProxy(reader: EnvironmentReader): boolean | readonly string[] {
  const value = reader.string('TRUST_PROXY', 'false');
  if (value === 'true' || value === 'false') return value === 'true';
  const hops = value.split(',').map((hop) => hop.trim());
  if (!hops.every((hop) => isAddressRange(hop))) {
    reader.problem('TRUST_PROXY', 'must be true, false or a list of addresses and ranges');
  }
  return hops;
}
