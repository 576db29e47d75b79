import type { Client } from 'pg';

/** The channel belongs to one database, so installations in different databases of a server do not share it. */
export const CHANNEL = 'latchkey';

interface SessionEvents {
  message(text: string): void;
  lost(error: Error): void;
}

/**
 * Two connections outside of the pool: one listens, and one sends the proofs that it is in sync. They are separate
 * because a connection that receives its own messages proves nothing: behind a pooler that switches connections it
 * would still receive them. They are not from the pool because a server that waits for a connection is busy, and not
 * out of sync.
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

  /** Sends a message through the database, which appends its clock. */
  prove(message: string): void {
    this.prover
      .query(
        `SELECT pg_notify('${CHANNEL}', $1 || (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint::text)`,
        [message],
      )
      .catch((error: Error) => this.#lose(error));
  }

  /** Does not wait for a connection that does not answer. */
  close(): void {
    this.#closed = true;
    for (const client of [this.listener, this.prover]) {
      client.end().catch(() => undefined);
      // `end` waits for the peer; a peer that hangs would keep the socket open for ever.
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
