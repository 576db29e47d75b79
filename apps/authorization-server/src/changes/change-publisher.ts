import { Injectable } from '@nestjs/common';
import { Database, insertInto, type Transaction } from '@latchkey/platform/database';
import { fitsNotification } from '@latchkey/platform/notifications';
import sql, { type Sql } from 'sql-template-tag';
import { formatChange, type Change, type Revocation } from './change.js';
import { LongestTokenLifetime } from './longest-token-lifetime.js';

interface RevocationRow {
  key: number;
  kind: Revocation['kind'];
  subject: string;
  epoch: number | null;
  audience: string | null;
  client_id: string | null;
  at: number;
}

/** A page of revocations, oldest first. */
interface LoggedRevocations {
  readonly revocations: readonly Revocation[];
  /** Where the next page begins; `null` after the last one. */
  readonly next: number | null;
}

/**
 * Notifies all servers of changes. It also stores each change that ends tokens until the longest-lived of them has
 * expired, for servers and listeners that start later. Each repository calls it right after the statement that makes
 * the change, so that no caller can omit it.
 */
@Injectable()
export class ChangePublisher {
  constructor(
    private readonly database: Database,
    private readonly lifetime: LongestTokenLifetime,
  ) {}

  async authorizationRevoked(
    tx: Transaction,
    sid: string,
    clientId: string,
    audience: readonly string[],
  ): Promise<void> {
    const at = await this.#append(tx, 'authorization', sid, {
      audience: audience.join(' '),
      client_id: clientId,
    });
    const change = { kind: 'authorization', sid, clientId, audience, at } as const;
    const fits = fitsNotification(formatChange(change));
    await this.#notify(tx, fits ? change : { ...change, audience: null });
  }

  async userChanged(tx: Transaction, sub: string, epoch: number): Promise<void> {
    const at = await this.#append(tx, 'user', sub, { epoch });
    await this.#notify(tx, { kind: 'user', sub, epoch, at });
  }

  async clientChanged(tx: Transaction, clientId: string, epoch: number): Promise<void> {
    const at = await this.#append(tx, 'client', clientId, { epoch });
    await this.#notify(tx, { kind: 'client', clientId, epoch, at });
  }

  dataKeysChanged(tx: Transaction): Promise<void> {
    return this.#notify(tx, { kind: 'data_keys' });
  }

  scopesChanged(tx: Transaction): Promise<void> {
    return this.#notify(tx, { kind: 'scopes' });
  }

  groupsChanged(tx: Transaction): Promise<void> {
    return this.#notify(tx, { kind: 'groups' });
  }

  /**
   * The first epoch of a user or client with this name. If the name was deleted before, other servers still refuse
   * tokens with epochs below its last one.
   *
   * @returns an expression
   */
  firstEpoch(name: string): Sql {
    return sql`coalesce((SELECT max(epoch) FROM revocations WHERE subject = ${name}), 0)`;
  }

  /** Revocations of tokens that may not have expired yet. @param after the `next` of the previous page, at first 0 */
  async page(after: number, limit: number): Promise<LoggedRevocations> {
    const rows = await this.database.query<RevocationRow>(sql`
      SELECT key, kind, subject, epoch, audience, client_id, at FROM revocations
      WHERE key > ${after} AND expires_at > (SELECT ${this.database.now}) ORDER BY key LIMIT ${limit}`);
    const next = rows.length < limit ? null : (rows.at(-1)?.key ?? null);
    return { revocations: rows.map(toRevocation), next };
  }

  /** @returns the time of the change */
  async #append(
    tx: Transaction,
    kind: Revocation['kind'],
    subject: string,
    details: Partial<Pick<RevocationRow, 'epoch' | 'audience' | 'client_id'>>,
  ): Promise<number> {
    const seconds = await this.lifetime.withMargin(tx);
    const { now } = this.database;
    const values = { kind, subject, ...details, at: now, expires_at: sql`${now} + ${seconds * 1000}` };
    const [row] = await tx.query(sql`${insertInto('revocations', values)} RETURNING at`);
    return (row as { at: number }).at;
  }

  #notify(tx: Transaction, change: Change): Promise<void> {
    return tx.notify(formatChange(change));
  }
}

function toRevocation({
  kind,
  subject,
  epoch,
  audience,
  client_id: clientId,
  at,
}: RevocationRow): Revocation {
  switch (kind) {
    case 'authorization':
      return { kind, sid: subject, clientId, audience: (audience ?? '').split(' '), at };
    case 'user':
      return { kind, sub: subject, epoch: epoch ?? 0, at };
    case 'client':
      return { kind, clientId: subject, epoch: epoch ?? 0, at };
  }
}
