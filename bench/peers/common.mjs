// What all peers have in common: one client, one owner with the same argon2id hash, and sessions made before the start.
import { writeFileSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { hashSync, verify } from '@node-rs/argon2';

export const CLIENT = { id: process.env.CLIENT_ID, secret: process.env.CLIENT_SECRET };
export const OWNER = { username: 'owner-0', password: process.env.OWNER_PASSWORD };
export const PORT = Number(process.env.PORT);

const passwordHash = hashSync(OWNER.password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });

/** In libuv's pool, as such servers do it. */
export async function passwordIsRight(username, password) {
  return /^owner-\d+$/.test(username) && (await verify(passwordHash, password));
}

/** With durable commits, as ours. */
export function openSqlite() {
  const database = new BetterSqlite3(process.env.DATABASE_PATH);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  return database;
}

/** Makes the sessions and hands the benchmark their tokens. */
export async function makeSessions(make) {
  const count = Number(process.env.SESSIONS);
  const accessTokens = [];
  const refreshTokens = [];
  for (let index = 0; index < count; index++) {
    const { accessToken, refreshToken } = await make();
    accessTokens.push(accessToken);
    refreshTokens.push(refreshToken);
  }
  writeFileSync(process.env.TOKENS_FILE, JSON.stringify({ accessTokens, refreshTokens }));
}
