import {
  Database,
  idFromBytes,
  idToBytes,
  insertInto,
  type Statement,
  type Transaction,
} from '@latchkey/platform/database';
import { type Examined, MAX_EXAMINED } from '@latchkey/platform/http';
import { Injectable } from '@nestjs/common';
import sql, { type Sql } from 'sql-template-tag';
import type {
  Authorization,
  AuthorizationState,
  OwnedAuthorization,
  NamedAuthorization,
} from './authorization.js';
import { Caches } from '../changes/caches.js';
import { ChangePublisher } from '../changes/change-publisher.js';
import type { CoherentCache } from '../changes/coherent-cache.js';
import {
  type AuthorizationRow,
  type AuthorizationStateRow,
  type NamedAuthorizationRow,
  toAuthorization,
  toNamed,
  toState,
} from './authorization-row.js';
import { stateInSql } from './liveness.js';
import { isDueInSql, type RefreshSettings } from './refresh-decision.js';

/** What a login or a client's own grant stores. */
export interface NewAuthorization extends Pick<
  Authorization,
  'clientKey' | 'clientEpoch' | 'userKey' | 'userEpoch' | 'scope' | 'audience' | 'amr' | 'address' | 'seed'
> {
  /** Seconds until the absolute end. */
  readonly lifetime: number;
}

export interface SurplusAuthorization {
  readonly sid: string;
  readonly clientId: string;
}

const MAX_CACHED = 15_000;

@Injectable()
export class AuthorizationRepository {
  readonly #cache: CoherentCache<NamedAuthorization>;

  constructor(
    private readonly database: Database,
    private readonly changes: ChangePublisher,
    caches: Caches,
  ) {
    this.#cache = caches.create<NamedAuthorization>({
      name: 'authorizations',
      maxEntries: MAX_CACHED,
      invalidatedBy: (change) => (change.kind === 'authorization' ? change.sid : null),
    });
  }

  /** @param sid a new id */
  insertStatement(sid: string, authorization: NewAuthorization): Statement<Authorization> {
    const { now } = this.database;
    const values = {
      id: idToBytes(sid),
      client_key: authorization.clientKey,
      client_epoch: authorization.clientEpoch,
      user_key: authorization.userKey,
      user_epoch: authorization.userEpoch,
      scope: authorization.scope.toString(),
      audience: authorization.audience.join(' '),
      amr: authorization.amr.includes('mfa') ? authorization.amr.join(' ') : null,
      address: authorization.address,
      seed: authorization.seed,
      generation: 0,
      created_at: now,
      expires_at: sql`${now} + ${authorization.lifetime * 1000}`,
    };
    return {
      sql: sql`${insertInto('authorizations', values)} RETURNING *`,
      result: ([row]) => toAuthorization(row as AuthorizationRow),
    };
  }

  /** Always reads the database, because the current generation decides. */
  async find(sid: string): Promise<AuthorizationState | null> {
    const [row] = await this.database.query<AuthorizationStateRow>(sql`
      SELECT a.*,
        c.client_id AS current_client_id, c.scope AS current_client_scope, c.epoch AS current_client_epoch,
        c.audience AS current_client_audience, c.disabled_by AS current_client_disabled_by,
        u.sub AS current_user_sub, u.username AS current_user_username, u.groups AS current_user_groups,
        u.allowed_scope AS current_user_allowed_scope, u.epoch AS current_user_epoch,
        u.disabled_by AS current_user_disabled_by,
        ${this.database.now} AS now
      FROM authorizations a
      LEFT JOIN clients c ON c.key = a.client_key
      LEFT JOIN users u ON u.key = a.user_key
      WHERE a.id = ${idToBytes(sid)}`);
    return row === undefined ? null : toState(row);
  }

  /** From the cache, until the authorization is revoked. */
  findCached(sid: string): NamedAuthorization | null | Promise<NamedAuthorization | null> {
    return this.#cache.find(sid, async () => {
      const [row] = await this.database.query<NamedAuthorizationRow>(sql`
        SELECT a.*, c.client_id, u.sub AS owner_sub FROM authorizations a
        LEFT JOIN clients c ON c.key = a.client_key LEFT JOIN users u ON u.key = a.user_key
        WHERE a.id = ${idToBytes(sid)}`);
      return row === undefined ? null : toNamed(row);
    });
  }

  /** Live authorizations of a resource owner, newest first, with ids lower than `before`. Skips dead ones. */
  async listLiveByOwner(
    sub: string,
    limit: number,
    before: string | null,
  ): Promise<Examined<OwnedAuthorization>> {
    const ofOwner = sql`a.user_key = (SELECT key FROM users WHERE sub = ${sub})`;
    const older = before === null ? sql`` : sql`AND a.id < ${idToBytes(before)}`;
    const [last] = await this.database.examine<{ id: Buffer }>(
      sql`
      SELECT a.id FROM authorizations a
      WHERE ${ofOwner} ${older} ORDER BY a.id DESC LIMIT 1 OFFSET ${MAX_EXAMINED - 1}`,
      'requests',
    );
    const newer = last === undefined ? sql`` : sql`AND a.id >= ${last.id}`;
    const rows = await this.database.examine<AuthorizationRow & { client_id: string; client_name: string }>(
      sql`
      SELECT a.*, c.client_id, c.client_name
      FROM authorizations a
      JOIN clients c ON c.key = a.client_key
      WHERE ${ofOwner} AND ${this.#isLive} ${older} ${newer}
      ORDER BY a.id DESC LIMIT ${limit}`,
      'requests',
    );
    const found = rows.map((row) => ({
      ...toAuthorization(row),
      clientId: row.client_id,
      clientName: row.client_name,
    }));
    return { found, lastExamined: last === undefined ? null : idFromBytes(last.id) };
  }

  /**
   * Spends a refresh token in one statement: raises the generation of a live authorization where `decideRefresh` says
   * `rotate`.
   *
   * @param generation the one that was presented
   * @param from the address that the request came from
   * @returns the time of the rotation by the database's clock; `null`: nothing was changed, and another decision
   *   applies
   */
  async rotate(
    sid: string,
    generation: number,
    settings: RefreshSettings,
    from: string,
  ): Promise<number | null> {
    const { now } = this.database;
    const [row] = await this.database.execute<{ rotated_at: number }>(sql`
      UPDATE authorizations AS a SET generation = generation + 1, rotated_at = ${now}, rotated_from = ${from}, retries = 0
      WHERE id = ${idToBytes(sid)} AND generation = ${generation} AND ${isDueInSql(settings, now)} AND ${this.#isLive}
      RETURNING rotated_at`);
    return row?.rotated_at ?? null;
  }

  /**
   * Counts a retry with the spent token, unless the authorization has changed since it was read or `max` retries were
   * counted.
   *
   * @returns false when nothing was changed
   */
  async countRetry({ id, generation, rotatedAt }: Authorization, max: number): Promise<boolean> {
    const [row] = await this.database.execute(sql`
      UPDATE authorizations SET retries = retries + 1
      WHERE id = ${idToBytes(id)} AND generation = ${generation} AND rotated_at = ${rotatedAt}
        AND retries < ${max} AND revoked_at IS NULL
      RETURNING retries`);
    return row !== undefined;
  }

  /**
   * The oldest live authorizations of the same user, beyond the newest `max`. The given authorization is one of the
   * user's. Only the newest {@link MAX_EXAMINED} authorizations of the user are examined.
   */
  async listSurplus(
    tx: Transaction,
    { id, userKey }: Authorization,
    max: number,
  ): Promise<SurplusAuthorization[]> {
    const rows = await tx.query<{ id: Buffer; client_id: string }>(sql`SELECT a.id, c.client_id
      FROM (SELECT * FROM authorizations WHERE user_key = ${userKey} ORDER BY id DESC LIMIT ${MAX_EXAMINED}) a
      JOIN clients c ON c.key = a.client_key
      WHERE ${this.#isLive} AND a.id <> ${idToBytes(id)}
      ORDER BY a.id DESC LIMIT ${MAX_EXAMINED} OFFSET ${max - 1}`);
    return rows.map((row) => ({ sid: idFromBytes(row.id), clientId: row.client_id }));
  }

  /** Ends the authorization for good, and notifies all servers. @returns false when it is already revoked or deleted */
  async revoke(tx: Transaction, sid: string): Promise<boolean> {
    const [row] = await tx.query<{
      audience: string;
      client_id: string;
    }>(sql`UPDATE authorizations SET revoked_at = ${this.database.now}
      WHERE id = ${idToBytes(sid)} AND revoked_at IS NULL
      RETURNING audience, (SELECT client_id FROM clients WHERE key = client_key) AS client_id`);
    if (row === undefined) return false;
    const { audience, client_id: clientId } = row;
    await this.changes.authorizationRevoked(tx, sid, clientId, audience.split(' '));
    return true;
  }

  /** Of the row `a`. */
  get #isLive(): Sql {
    return sql`${stateInSql(this.database.now)} = 'live'`;
  }
}
