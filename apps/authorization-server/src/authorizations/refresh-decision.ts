import sql, { type Sql } from 'sql-template-tag';
import type { Authorization } from './authorization.js';
import type { Client } from '../clients/client.js';

/**
 * What to do with a refresh token whose MAC is right and whose authorization is live:
 *
 * - `rotate`: spend it and issue the next generation;
 * - `repeat`: within the grace; issue the current generation again without a rotation. With the token that the last
 *   rotation spent, this is a retry, and a client may have a limited number of retries;
 * - `expired`: idle for too long, or no uses are left; refuse;
 * - `reuse`: an old generation, so someone else has a copy; refuse and revoke;
 * - `rollback`: newer than the stored generation, so the database was restored to an older state; refuse and revoke;
 * - `clock`: spent at a time in the future, so the clock was set back. It may be a retry or a stolen token: report
 *   this, and neither rotate nor revoke. The current generation was never spent, and is rotated.
 */
export type RefreshDecision = 'rotate' | 'repeat' | 'expired' | 'reuse' | 'rollback' | 'clock';

type RefreshState = Pick<Authorization, 'generation' | 'rotatedAt' | 'retries' | 'createdAt'>;

export type RefreshSettings = Pick<
  Client,
  'refreshTokenGrace' | 'refreshTokenMaxRetries' | 'refreshTokenIdleTtl' | 'refreshTokenMaxUses'
>;

/**
 * Decides on one presented refresh token. The time of the last rotation is the only time that matters, so there is at
 * most one rotation per grace, and accepting the previous generation never extends anything. A model checked this. Each
 * of these would let a thief keep a session: accepting two generations for longer, refusing reuse without revocation,
 * or ending the grace when the successor is first used.
 *
 * @param presented the generation of the token
 * @param now the database's clock when `state` was read
 */
export function decideRefresh(
  presented: number,
  state: RefreshState,
  settings: RefreshSettings,
  now: number,
): RefreshDecision {
  const { generation, rotatedAt, retries, createdAt } = state;
  if (presented > generation) return 'rollback';
  if (presented < generation - 1) return 'reuse';

  const age = rotatedAt === null ? null : now - rotatedAt;
  if (age !== null && age < 0 && presented < generation) return 'clock';
  const inGrace = age !== null && age >= 0 && age < settings.refreshTokenGrace * 1000;

  if (presented === generation - 1) {
    const mayRetry = retries < (settings.refreshTokenMaxRetries ?? Infinity);
    return inGrace && mayRetry ? 'repeat' : 'reuse';
  }
  if (settings.refreshTokenMaxUses !== null && generation >= settings.refreshTokenMaxUses) return 'expired';
  if (inGrace) return 'repeat';
  const idleSince = rotatedAt ?? createdAt;
  return now - idleSince < settings.refreshTokenIdleTtl * 1000 ? 'rotate' : 'expired';
}

/** Larger than the column can hold: no limit. */
const MAX_GENERATION = 2 ** 31 - 1;

/** When {@link decideRefresh} says `rotate` for the current generation of a row, at the time `now`. */
export function isDueInSql(
  { refreshTokenGrace, refreshTokenIdleTtl, refreshTokenMaxUses }: RefreshSettings,
  now: Sql,
): Sql {
  return sql`COALESCE(rotated_at, created_at) > ${now} - ${refreshTokenIdleTtl * 1000}
    AND (rotated_at IS NULL OR rotated_at > ${now} OR rotated_at <= ${now} - ${refreshTokenGrace * 1000})
    AND generation < ${refreshTokenMaxUses ?? MAX_GENERATION}`;
}
