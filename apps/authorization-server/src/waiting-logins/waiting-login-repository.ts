import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  Database,
  idToBytes,
  insertInto,
  newId,
  type Row,
  type Statement,
  statement,
  type Transaction,
} from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import type { Client } from '../clients/client.js';
import { DataKeysService } from '../data-keys/data-keys.service.js';
import { formatHandle, handleIsAuthentic, parseHandle } from '../tokens/handle-format.js';
import { WaitingLoginEntity } from './waiting-login.entity.js';

/** The requested login after the first proof. The epochs are those that were read before that proof. */
type NewWaitingLogin = Omit<
  WaitingLoginEntity,
  | 'generation'
  | 'createdAt'
  | 'expiresAt'
  | 'sid'
  | 'answeredBy'
  | 'answeredAt'
  | 'challenge'
  | 'challengeExpiresAt'
>;

export interface FoundWaitingLogin {
  readonly attempt: WaitingLoginEntity;
  /** The `sub` of the user while client and user are enabled, and their logins were not ended; else `null`. */
  readonly liveSub: string | null;
  /** `null` when its client was deleted. */
  readonly clientId: string | null;
  /** The database's clock at the time of the read. */
  readonly now: number;
}

interface FoundRow extends Row {
  live_sub: string | null;
  client_id: string | null;
  now: number;
}

/** In milliseconds; the user may have to fetch a telephone. */
const LIFETIME_MS = 10 * 60_000;

const HANDLE_PREFIX = 'lkm_';
const SEED_BYTES = 16;

/** How long the completing request gets its response again, in milliseconds: it may have been lost. */
export const ANSWER_AGAIN_MS = 10_000;

/**
 * Logins that wait for a second factor. The client holds a handle of the attempt, the `mfa_token`.
 */
@Injectable()
export class WaitingLoginRepository {
  constructor(
    private readonly database: Database,
    private readonly keys: DataKeysService,
  ) {}

  /** @returns what to store, and the handle */
  begin(login: Omit<NewWaitingLogin, 'id' | 'seed'>): { stored: Statement; handle: string } {
    const attempt = { ...login, id: newId(), seed: randomBytes(SEED_BYTES) };
    const { kid, material } = this.keys.ring.active('refresh');
    const body = { kid, id: attempt.id, generation: 0 };
    const handle = formatHandle(HANDLE_PREFIX, body, material, attempt.seed);
    return { stored: this.#insertStatement(attempt), handle };
  }

  /** @returns the attempt of a handle of this client, completed or not; `null` for anything else */
  async find(handle: string, client: Client): Promise<FoundWaitingLogin | null> {
    const found = await this.findOfAnyClient(handle);
    if (found === null) return null;
    return found.attempt.clientKey === client.key ? found : null;
  }

  /** The same when only the handle identifies the client. */
  async findOfAnyClient(handle: string): Promise<FoundWaitingLogin | null> {
    const parsed = parseHandle(HANDLE_PREFIX, handle);
    const key = parsed === null ? null : this.keys.ring.find('refresh', parsed.kid);
    if (parsed === null || key === null) return null;
    const found = await this.#load(parsed.id);
    if (found === null || !handleIsAuthentic(parsed, key.material, found.attempt.seed)) return null;
    return found;
  }

  /**
   * Completes an attempt with an authorization, unless the attempt has changed since it was read: one statement decides
   * between parallel requests.
   *
   * @param sid of the authorization
   * @param answeredBy a keyed hash of the proof
   * @returns false when nothing was changed
   */
  async end(
    tx: Transaction,
    { id, generation }: WaitingLoginEntity,
    sid: string,
    answeredBy: Buffer,
  ): Promise<boolean> {
    const { now } = this.database;
    const ended = await tx.query(sql`
      UPDATE login_attempts
      SET generation = generation + 1, sid = ${idToBytes(sid)}, answered_by = ${answeredBy}, answered_at = ${now}
      WHERE id = ${idToBytes(id)} AND generation = ${generation} AND sid IS NULL AND expires_at > ${now}
        AND EXISTS (SELECT 1 FROM users u
          WHERE u.key = user_key AND u.epoch = user_epoch AND u.disabled_by IS NULL)
        AND EXISTS (SELECT 1 FROM clients c
          WHERE c.key = client_key AND c.epoch = client_epoch AND c.disabled_by IS NULL)
      RETURNING id`);
    return ended.length === 1;
  }

  /**
   * Sets the passkey challenge that completes an attempt, and replaces the previous one.
   *
   * @param lifetimeMs how long it is valid, in milliseconds
   * @returns false when the attempt is over
   */
  async setChallenge(
    { id, generation }: WaitingLoginEntity,
    challenge: Buffer,
    lifetimeMs: number,
  ): Promise<boolean> {
    const { now } = this.database;
    const set = await this.database.execute(sql`
      UPDATE login_attempts SET challenge = ${challenge}, challenge_expires_at = ${now} + ${lifetimeMs}
      WHERE id = ${idToBytes(id)} AND generation = ${generation} AND sid IS NULL RETURNING id`);
    return set.length === 1;
  }

  /** A challenge may be used once, whatever the result. A newer one stays. */
  async dropChallenge(id: string, challenge: Buffer): Promise<void> {
    await this.database.execute(sql`
      UPDATE login_attempts SET challenge = NULL, challenge_expires_at = NULL
      WHERE id = ${idToBytes(id)} AND challenge = ${challenge} RETURNING id`);
  }

  /** A digest to recognise a repeated proof without storing it. */
  proofDigest({ id }: WaitingLoginEntity, factor: string, proof: string): Buffer {
    return Buffer.from(this.keys.digest('login attempt proof', `${id} ${factor} ${proof}`), 'base64url');
  }

  #insertStatement(attempt: NewWaitingLogin): Statement {
    const { now } = this.database;
    return statement(
      insertInto('login_attempts', {
        ...this.database.toRow(WaitingLoginEntity, { ...attempt, generation: 0 }),
        created_at: now,
        expires_at: sql`${now} + ${LIFETIME_MS}`,
      }),
    );
  }

  async #load(id: string): Promise<FoundWaitingLogin | null> {
    const [row] = await this.database.query<FoundRow>(sql`
      SELECT a.*, ${this.database.now} AS now,
        (SELECT client_id FROM clients c WHERE c.key = a.client_key) AS client_id,
        (SELECT u.sub FROM users u, clients c
          WHERE u.key = a.user_key AND u.epoch = a.user_epoch AND u.disabled_by IS NULL
            AND c.key = a.client_key AND c.epoch = a.client_epoch AND c.disabled_by IS NULL) AS live_sub
      FROM login_attempts a WHERE a.id = ${idToBytes(id)}`);
    if (row === undefined) return null;
    const { live_sub: liveSub, client_id: clientId, now } = row;
    return { attempt: this.database.fromRow(WaitingLoginEntity, row), liveSub, clientId, now };
  }
}
