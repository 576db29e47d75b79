import sql, { type Sql } from 'sql-template-tag';
import type { Authorization } from './authorization.js';
import type { Client } from '../clients/client.js';

/**
 * What to do with a refresh token whose MAC is right and whose authorization is live:
 *
 * - `rotate`: spend it and give out the next generation;
 * - `repeat`: inside the grace; give out the current generation again and rotate nothing. Of the token that the rotation
 *   spent, this is a retry, of which a client may have a limited number;
 * - `expired`: idle for too long, or used up; refuse;
 * - `reuse`: an old one: someone else has a copy; refuse and revoke;
 * - `rollback`: newer than anything stored: the database was set back; refuse and revoke;
 * - `clock`: spent at a time in the future, so the clock was set back, and how long ago it was is unknown: a retry or a
 *   stolen one. Say so, and neither revive nor revoke. The current one was never spent, and is rotated.
 */
export type RefreshDecision = 'rotate' | 'repeat' | 'expired' | 'reuse' | 'rollback' | 'clock';

type RefreshState = Pick<Authorization, 'generation' | 'rotatedAt' | 'retries' | 'createdAt'>;

export type RefreshSettings = Pick<
  Client,
  'refreshTokenGrace' | 'refreshTokenMaxRetries' | 'refreshTokenIdleTtl' | 'refreshTokenMaxUses'
>;

/**
 * Decides on one presented refresh token. One time stamp, the last rotation, decides everything: so there is at most
 * one rotation per grace, and accepting the previous generation never extends anything. Checked by a model; accepting
 * two generations for longer, refusing reuse softly, or ending the grace when the successor is first used each lets a
 * thief keep a session.
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

/** More than the column holds: no limit. */
const MAX_GENERATION = 2 ** 31 - 1;

/** Where {@link decideRefresh} says `rotate` about the current generation of a row of the table, at the time `now`. */
export function isDueInSql(
  { refreshTokenGrace, refreshTokenIdleTtl, refreshTokenMaxUses }: RefreshSettings,
  now: Sql,
): Sql {
  return sql`COALESCE(rotated_at, created_at) > ${now} - ${refreshTokenIdleTtl * 1000}
    AND (rotated_at IS NULL OR rotated_at > ${now} OR rotated_at <= ${now} - ${refreshTokenGrace * 1000})
    AND generation < ${refreshTokenMaxUses ?? MAX_GENERATION}`;
}
