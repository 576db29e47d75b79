import type { Client } from 'pg';

/** A channel is the database's own, so that installations in other databases of a server do not meet. */
export const CHANNEL = 'latchkey';

interface SessionEvents {
  message(text: string): void;
  lost(error: Error): void;
}

/**
 * Two connections outside of the pool: one that listens, and one that sends the proofs that it is in sync. Two, because a
 * connection that only receives its own proves nothing: behind a pooler that changes connections it would still do that.
 * And not the pool's, because a server that has to wait for a connection is busy, and not out of sync.
 */
export class PostgresSession {
  #closed = false;

  constructor(
    private readonly listener: Client,
    private readonly prover: Client,
    private readonly events: SessionEvents,
  ) {
    for (const client of [listener, prover]) {
      client.on('error', (error: Error) => this.#lose(error));
      client.on('end', () => this.#lose(new Error('The connection has ended')));
    }
    listener.on('notification', ({ payload }) => {
      if (!this.#closed) events.message(payload ?? '');
    });
  }

  async open(): Promise<void> {
    await Promise.all([this.listener.connect(), this.prover.connect()]);
    await this.listener.query(`LISTEN ${CHANNEL}`);
  }

  /** Sends a message over the database, with the database's clock at its end. */
  prove(message: string): void {
    this.prover
      .query(
        `SELECT pg_notify('${CHANNEL}', $1 || (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint::text)`,
        [message],
      )
      .catch((error: Error) => this.#lose(error));
  }

  /** Never waits for a connection that does not answer. */
  close(): void {
    this.#closed = true;
    for (const client of [this.listener, this.prover]) {
      client.end().catch(() => undefined);
      // `end` says goodbye and waits; a peer that is frozen would keep the socket for ever.
      socketOf(client)?.destroy();
    }
  }

  #lose(error: Error): void {
    if (!this.#closed) this.events.lost(error);
  }
}

function socketOf(client: Client): { destroy(): void } | undefined {
  return (client as unknown as { connection?: { stream?: { destroy(): void } } }).connection?.stream;
}
