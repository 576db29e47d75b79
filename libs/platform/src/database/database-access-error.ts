import { QueryFailedError } from 'typeorm';
import { describeDatabase, describeServer, type DatabaseUrl } from './database-url.js';

type PostgresUrl = DatabaseUrl & { dialect: 'postgres' };
type SqliteUrl = DatabaseUrl & { dialect: 'sqlite' };

/** The database cannot be used with the current settings. The message is one line that names the setting to change. */
export class DatabaseAccessError extends Error {
  override readonly name = 'DatabaseAccessError';

  /** @param isOutage whether the same settings may work later */
  constructor(
    message: string,
    readonly isOutage: boolean,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

interface DriverError {
  readonly code: string;
  readonly message: string;
  /** For an error of the file system. */
  readonly path: string | null;
  readonly syscall: string | null;
}

/**
 * Explains why a database cannot be opened or used, if the cause is a setting, permissions or the network.
 *
 * @returns the error itself for any other cause
 */
export function explainDatabaseError(error: unknown, url: DatabaseUrl): unknown {
  const driverError = driverErrorOf(error);
  const explanation =
    url.dialect === 'sqlite' ? explainSqlite(driverError, url) : explainPostgres(driverError, url);
  if (explanation === null) return error;
  const { message, isOutage = false } = explanation;
  return new DatabaseAccessError(message, isOutage, error);
}

interface Explanation {
  readonly message: string;
  readonly isOutage?: boolean;
}

const SQLITE_REASONS: readonly (readonly [RegExp, string])[] = [
  [/^(EACCES|EPERM|SQLITE_PERM)/, 'the user of this process may not write there'],
  [/^(EROFS|SQLITE_READONLY)/, 'it cannot be written to'],
  [/^(ENOTDIR|EEXIST)$/, 'a part of its path is no folder'],
  [
    /^SQLITE_CANTOPEN/,
    'it cannot be opened: it is a folder, or the user of this process may not write there',
  ],
  [/^SQLITE_(NOTADB|CORRUPT)/, 'it is no SQLite database, or is damaged'],
];

function explainSqlite({ code, path }: DriverError, url: SqliteUrl): Explanation | null {
  if (!code.startsWith('SQLITE_') && (path === null || !url.path.startsWith(path))) return null;
  const reason = SQLITE_REASONS.find(([pattern]) => pattern.test(code))?.[1];
  if (reason === undefined) return null;
  return { message: `The ${describeDatabase(url)} (DATABASE_URL) cannot be used: ${reason} (${code}).` };
}

function explainPostgres(error: DriverError, url: PostgresUrl): Explanation | null {
  return explainRefusal(error, url) ?? explainTls(error, url) ?? explainNetwork(error, url);
}

/** Explains an error that the server returns. */
function explainRefusal({ code, message }: DriverError, url: PostgresUrl): Explanation | null {
  const server = `PostgreSQL at ${describeServer(url)}`;
  switch (code) {
    case '28P01':
      if (message.startsWith('empty password')) return noPassword(server);
      return { message: `${server} refuses the user name or the password in DATABASE_URL: ${message}.` };
    case '28000':
      return {
        message:
          `${server} does not let the user in DATABASE_URL in: ${message}. ` +
          (message.includes('no encryption')
            ? 'If it wants TLS, add sslmode=verify-full to DATABASE_URL.'
            : 'Correct DATABASE_URL, or pg_hba.conf of the server.'),
      };
    case '3D000':
      return { message: `${server}: ${message}. Create it, or correct the name in DATABASE_URL.` };
    case '42501':
      return {
        message: `The user of the ${describeDatabase(url)} (DATABASE_URL) lacks a right: ${message}.`,
      };
    case '25006':
      return {
        message: `The ${describeDatabase(url)} (DATABASE_URL) is read-only, as a standby is: ${message}.`,
      };
    case '53300':
    case '57P03':
      return { message: `${server} (DATABASE_URL) takes no connection now: ${message}.`, isOutage: true };
    default:
      break;
  }
  // node-postgres reports it without a code.
  return /^SASL.*client password must be a (non-empty )?string/.test(message) ? noPassword(server) : null;
}

function noPassword(server: string): Explanation {
  return { message: `${server} asks for a password, and DATABASE_URL has none.` };
}

const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?)|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED)$/;

function explainTls({ code, message }: DriverError, url: PostgresUrl): Explanation | null {
  const server = `PostgreSQL at ${describeServer(url)}`;
  if (UNTRUSTED.test(code)) {
    return {
      message: `The certificate of ${server} is not of an authority that is trusted (${code}). Name the certificate of its authority in DATABASE_URL: sslrootcert=FILE.`,
    };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      message: `The certificate of ${server} is for another name. Write into DATABASE_URL a host that stands in the certificate.`,
    };
  }
  if (/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/.test(code)) {
    return {
      message: `The certificate of ${server} (DATABASE_URL) is not valid at this time (${code}): renew it, or set the clock.`,
    };
  }
  if (message.startsWith('The server does not support SSL')) {
    return {
      message: `${server} does not speak TLS, which sslmode in DATABASE_URL asks for. Turn it on there (ssl = on), or set sslmode=disable.`,
    };
  }
  if (!/^(ERR_(SSL|OSSL|TLS)_|EPROTO)/.test(code)) return null;
  return { message: `TLS with ${server} (DATABASE_URL) fails: ${code}.` };
}

const NETWORK_REASONS: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED/, 'nothing listens there (ECONNREFUSED). Start PostgreSQL, or correct DATABASE_URL'],
  [/^(ENOTFOUND|EAI_AGAIN)/, 'the host name has no address. Correct DATABASE_URL'],
  [/^(ENOENT|EACCES) connect/, 'there is no socket that this process may use. Correct DATABASE_URL'],
  [/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)/, 'no answer. Correct DATABASE_URL, or the network'],
  [
    /^timeout exceeded|^Connection terminated due to connection timeout/,
    'no answer in time. Correct DATABASE_URL, or the network',
  ],
  [
    /^(ECONNRESET|EPIPE)|^Connection terminated|^There was an error establishing an SSL|^Received unexpected/,
    'the connection broke. Is that PostgreSQL? Correct DATABASE_URL',
  ],
];

function explainNetwork({ code, message, syscall }: DriverError, url: PostgresUrl): Explanation | null {
  const texts = [`${code} ${syscall ?? ''}`, message];
  const reason = NETWORK_REASONS.find(([pattern]) => texts.some((text) => pattern.test(text)))?.[1];
  if (reason === undefined) return null;
  return { message: `The database cannot be reached at ${describeServer(url)}: ${reason}.`, isOutage: true };
}

/** The innermost error, by its properties: drivers and Node.js may use an Error class of another realm. */
function driverErrorOf(error: unknown): DriverError {
  if (error instanceof QueryFailedError) return driverErrorOf(error.driverError);
  if (error instanceof AggregateError) return driverErrorOf(error.errors[0]);
  const { code, message, cause, path, syscall } = (error ?? {}) as Record<string, unknown>;
  if (cause !== undefined && typeof code !== 'string') return driverErrorOf(cause);
  return {
    code: typeof code === 'string' ? code : '',
    message: (typeof message === 'string' ? message : '').replaceAll(/[\0-\x1f\x7f]+/g, ' '),
    path: typeof path === 'string' ? path : null,
    syscall: typeof syscall === 'string' ? syscall : null,
  };
}
