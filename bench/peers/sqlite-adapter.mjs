// oidc-provider's models in SQLite, as its adapter interface wants them: a row for each, prepared statements, a
// durable commit for each write.

/** @returns the adapter class over a better-sqlite3 connection */
export function sqliteAdapter(database) {
  database.exec(`CREATE TABLE IF NOT EXISTS models (
      name TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL, grant_id TEXT, expires_at INTEGER, consumed_at INTEGER,
      PRIMARY KEY (name, id)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS models_grant_id ON models (grant_id) WHERE grant_id IS NOT NULL`);
  const upsert =
    database.prepare(`INSERT INTO models (name, id, payload, grant_id, expires_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (name, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id,
      expires_at = excluded.expires_at`);
  const find = database.prepare(
    'SELECT payload, expires_at, consumed_at FROM models WHERE name = ? AND id = ?',
  );
  const consume = database.prepare('UPDATE models SET consumed_at = ? WHERE name = ? AND id = ?');
  const destroy = database.prepare('DELETE FROM models WHERE name = ? AND id = ?');
  const revoke = database.prepare('DELETE FROM models WHERE grant_id = ?');
  const seconds = () => Math.floor(Date.now() / 1000);

  return class SqliteAdapter {
    #name;

    constructor(name) {
      this.#name = name;
    }

    async upsert(id, payload, expiresIn) {
      const expiresAt = expiresIn ? seconds() + expiresIn : null;
      upsert.run(this.#name, id, JSON.stringify(payload), payload.grantId ?? null, expiresAt);
    }

    async find(id) {
      const row = find.get(this.#name, id);
      if (row === undefined || (row.expires_at !== null && row.expires_at <= seconds())) return undefined;
      const payload = JSON.parse(row.payload);
      return row.consumed_at === null ? payload : { ...payload, consumed: row.consumed_at };
    }

    async consume(id) {
      consume.run(seconds(), this.#name, id);
    }

    async destroy(id) {
      destroy.run(this.#name, id);
    }

    async revokeByGrantId(grantId) {
      revoke.run(grantId);
    }
  };
}
