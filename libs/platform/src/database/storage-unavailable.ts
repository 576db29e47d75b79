import { QueryFailedError } from 'typeorm';

/** The database is not reachable or could not store a change. The request may be repeated (HTTP 503). */
export class StorageUnavailableError extends Error {
  override readonly name = 'StorageUnavailableError';

  constructor(cause: unknown) {
    super('The database is unavailable', { cause });
  }
}

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

/** SQLSTATE classes: connection, deadlock or serialisation (after retries), resources, operator intervention, system. */
const POSTGRES_CODES = /^(08|3D|40|53|57|58)[0-9A-Z]{3}$/;

const SQLITE_CODES = /^SQLITE_(BUSY|LOCKED|IOERR|FULL|CANTOPEN|READONLY|CORRUPT|NOTADB|NOMEM|PROTOCOL)/;

/** node-postgres reports these without a code. */
const POSTGRES_MESSAGES =
  /^(timeout exceeded|Connection terminated|Query read timeout|Client has encountered|Cannot use a pool)/;

/** Whether an error is an outage and not a defect: only an outage may be answered with "try again". */
export function isStorageUnavailable(error: unknown): boolean {
  if (error instanceof StorageUnavailableError) return true;
  if (error instanceof QueryFailedError) return isStorageUnavailable(error.driverError);
  if (error instanceof AggregateError) return error.errors.some(isStorageUnavailable);
  if (typeof error !== 'object' || error === null) return false;
  // Checked by its properties, because drivers and Node.js may use an Error class of another realm.
  const { code: reported, message: text } = error as { code?: unknown; message?: unknown };
  const code = typeof reported === 'string' ? reported : '';
  const message = typeof text === 'string' ? text : '';
  return (
    NETWORK_CODES.has(code) ||
    POSTGRES_CODES.test(code) ||
    SQLITE_CODES.test(code) ||
    POSTGRES_MESSAGES.test(message)
  );
}
