import { Inject, Injectable } from '@nestjs/common';
import { Database, idToBytes } from '@latchkey/platform/database';
import type { Logger } from 'pino';
import sql from 'sql-template-tag';
import { LOGGER } from '../config/config.token.js';

/** Precision of the last use of a secret, in milliseconds. */
const PRECISION_MS = 3_600_000;

/**
 * Stores when each client secret was last used, so that a rotation can check whether an old one is still in use.
 * Requests do not wait for the write; each secret costs one write an hour.
 */
@Injectable()
export class ClientSecretUses {
  readonly #noted = new Map<string, number>();

  constructor(
    private readonly database: Database,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @param id of the secret that a client has just presented */
  note(id: string): void {
    const now = performance.now();
    if (now - (this.#noted.get(id) ?? -Infinity) < PRECISION_MS) return;
    this.#noted.set(id, now);
    this.database
      .execute(
        sql`UPDATE client_secrets SET last_used_at = ${this.database.now} WHERE id = ${idToBytes(id)}
          AND (last_used_at IS NULL OR last_used_at < ${this.database.now} - ${PRECISION_MS}
            OR last_used_at > ${this.database.now})`,
        'background',
      )
      .catch((error: unknown) => {
        this.#noted.delete(id);
        this.logger.warn({ err: error }, 'could not store when a client secret was used');
      });
  }
}
