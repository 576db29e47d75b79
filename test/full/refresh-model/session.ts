import { expect } from '@jest/globals';
import type { TokenResponse } from '@latchkey/contracts';
import { idToBytes } from '@latchkey/platform/database';
import sql from 'sql-template-tag';
import { ALICE } from '../../support/builders.js';
import { expectOAuthError, expectTokens } from '../../support/expectations.js';
import {
  alterAuthorization,
  auditKindsOf,
  authorizationOf,
  becomesInactive,
  claimsOf,
  expectSession,
  isActive,
  passTime,
} from '../../support/sessions.js';
import { clientOf, type DecidingPlace, type Installation } from './installation.js';
import { linearize, type Action, type Outcome, type SessionModel } from './model.js';

/** The part of the stored row that the rules are about. */
interface StoredSession {
  readonly generation: number;
  readonly created_at: number;
  readonly rotated_at: number | null;
  readonly expires_at: number;
  readonly revoked_at: number | null;
}

/** A real login beside its model. */
export class Session {
  readonly #login: TokenResponse;
  readonly #client;
  /** Every refresh token that was ever given out: one per generation, however often. */
  readonly #tokens = new Map<number, string>();
  #latest: TokenResponse;
  #stored: StoredSession;

  private constructor(
    private readonly installation: Installation,
    public model: SessionModel,
    policyName: string,
    login: TokenResponse & { refresh_token: string },
    stored: StoredSession,
  ) {
    this.#client = clientOf(policyName);
    this.#login = this.#latest = login;
    this.#tokens.set(0, login.refresh_token);
    this.#stored = stored;
  }

  static async begin(installation: Installation, model: SessionModel, policy: string): Promise<Session> {
    const login = expectSession(await installation.server.login(ALICE, {}, clientOf(policy)));
    const stored = (await authorizationOf(installation.server, login)) as unknown as StoredSession;
    return new Session(installation, model, policy, login, stored);
  }

  async act(action: Action): Promise<void> {
    const outcome = await this.#perform(action);
    expect({ ...action, outcome }).toEqual({ ...action, outcome: this.model.act(action) });
    await this.check();
  }

  /** Everything at once. @param place where all of them decide on the same state before any of them changes it */
  async actTogether(actions: readonly Action[], place: DecidingPlace | null): Promise<void> {
    if (place !== null) this.installation.decideTogether(actions.length, place);
    const observations = await Promise.all(
      actions.map(async (action) => ({ ...action, outcome: await this.#perform(action) })),
    );
    const { generation } = await this.#read();
    const ends = await this.#ends();
    const traces = await this.#traces();
    const after = linearize(
      this.model,
      observations,
      (state) =>
        state.generation === generation && state.end === (ends[0] ?? null) && state.traces === traces,
    );
    if (after === null) {
      const seen = JSON.stringify({ observations, generation, ends, traces, before: this.model });
      throw new Error(`No order of these explains what they came to: ${seen}`);
    }
    this.model = after;
    await this.check();
  }

  async pass(seconds: number): Promise<void> {
    await passTime(this.installation.server, this.#login, seconds);
    this.installation.forget();
    this.model.pass(seconds);
    const ms = seconds * 1000;
    const { created_at, rotated_at, expires_at } = this.#stored;
    this.#stored = {
      ...this.#stored,
      created_at: created_at - ms,
      rotated_at: rotated_at === null ? null : rotated_at - ms,
      expires_at: expires_at - ms,
    };
    await this.check();
  }

  async setBack(steps: number): Promise<void> {
    this.model.setBack(steps);
    const { generation, rotatedAt } = this.model;
    const before = rotatedAt === null ? sql`NULL` : sql`created_at + ${rotatedAt * 1000}`;
    await alterAuthorization(
      this.installation.server,
      this.#login,
      sql`generation = ${generation}, rotated_at = ${before}, retries = 0`,
    );
    this.installation.forget();
    this.#stored = await this.#read();
    await this.check();
  }

  /** However a sequence ended: when the session is over, every token of it is worth nothing. */
  async finish(): Promise<void> {
    if (this.model.isLive) await this.act({ kind: 'revoke', generation: this.model.newest });
    for (const generation of this.#tokens.keys()) await this.act({ kind: 'present', generation });
  }

  /** Compares with the model, and with what was stored before: rules that need no model. */
  async check(): Promise<void> {
    const before = this.#stored;
    const stored = await this.#read();
    this.#stored = stored;
    const { model } = this;

    expect(stored.expires_at).toBe(before.expires_at);
    expect(stored.created_at).toBe(before.created_at);
    expect(before.revoked_at ?? stored.revoked_at).toBe(stored.revoked_at);
    if (before.revoked_at !== null) expect(stored).toEqual(before);
    this.#checkRotation(before, stored);

    expect({ generation: stored.generation, revoked: stored.revoked_at !== null }).toEqual({
      generation: model.generation,
      revoked: model.end !== null,
    });
    expect(await this.#ends()).toEqual(model.end === null ? [] : [model.end]);
    expect(await this.#traces()).toBe(model.traces);
    // Another server than the one that ended it answers from memory until it has heard.
    if (!model.isLive) await becomesInactive(this.installation.server, this.#latest);
    else expect(await isActive(this.installation.server, this.#latest)).toBe(true);
  }

  /**
   * At most one rotation per grace, and nothing but a rotation moves the time that decides. Without a grace, one request
   * may rotate to the token that another one spends at the same time: somebody has it since before the database was set
   * back.
   */
  #checkRotation(before: StoredSession, stored: StoredSession): void {
    const { grace } = this.model.policy;
    const steps = stored.generation - before.generation;
    if (steps === 0) {
      expect(stored.rotated_at).toBe(before.rotated_at);
      return;
    }
    if (grace > 0) expect(steps).toBe(1);
    else expect(steps).toBeGreaterThan(0);
    const rotatedAt = stored.rotated_at ?? 0;
    const earliest = before.rotated_at === null ? before.created_at : before.rotated_at + grace * 1000;
    expect(rotatedAt).toBeGreaterThanOrEqual(earliest);
  }

  async #perform({ kind, generation }: Action): Promise<Outcome> {
    const token = this.#tokens.get(generation);
    if (token === undefined) throw new Error(`Nobody has the token of generation ${generation}`);
    const { server } = this.installation;
    if (kind === 'revoke') {
      expect((await server.revoke(token, this.#client)).status).toBe(200);
      return 'done';
    }
    const answer = await server.refresh(token, {}, this.#client);
    if (answer.status !== 200) {
      expectOAuthError(answer, 400, 'invalid_grant');
      return 'refused';
    }
    return this.#keep(expectTokens(answer));
  }

  #keep(tokens: TokenResponse): Outcome {
    const { sid, exp } = claimsOf(tokens) as { sid: string; exp?: number };
    expect(sid).toBe(claimsOf(this.#login).sid);
    expect(exp).toBeLessThanOrEqual(this.#stored.expires_at / 1000);
    this.#latest = tokens;
    if (tokens.refresh_token === undefined) return 'access only';
    const generation = generationOf(tokens.refresh_token);
    const known = this.#tokens.get(generation) ?? tokens.refresh_token;
    expect(tokens.refresh_token).toBe(known);
    this.#tokens.set(generation, known);
    return `generation ${generation}`;
  }

  /** What the audit trail says about the end; it comes once. */
  async #ends(): Promise<string[]> {
    const [, ...ends] = await auditKindsOf(this.installation.server, this.#login);
    return ends;
  }

  /** How many retries the audit trail counts. */
  async #traces(): Promise<number> {
    const [row] = await this.installation.server.database.query<{ traces: number }>(sql`
      SELECT CAST(COALESCE(SUM(count), 0) AS integer) AS traces FROM audit_events
      WHERE kind = 'refresh_token_repeated' AND sid = ${idToBytes(claimsOf(this.#login).sid)}`);
    return row?.traces ?? 0;
  }

  async #read(): Promise<StoredSession> {
    const { generation, created_at, rotated_at, expires_at, revoked_at } = (await authorizationOf(
      this.installation.server,
      this.#login,
    )) as unknown as StoredSession;
    return { generation, created_at, rotated_at, expires_at, revoked_at };
  }
}

/** The generation as the token says it: after version, key id and session id. */
function generationOf(token: string): number {
  return Buffer.from(token.slice('lkr_'.length), 'base64url').readUInt32BE(1 + 8 + 16);
}
