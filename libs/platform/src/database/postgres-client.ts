import type { PoolClient } from 'pg';

/**
 * A connection that breaks between two statements has no one to tell, and an error event without a listener ends the
 * process. The next statement fails all the same.
 */
export function ignoreErrors(): void {
  // Nothing to do.
}

/** @param error why the connection must not be used again */
export function releaseClient(client: PoolClient, error?: Error): void {
  client.off('error', ignoreErrors);
  client.release(error);
}
