// oidc-provider's models in memory. Its own memory adapter forgets all but the last thousand.
const models = new Map();
const byGrant = new Map();

export class MemoryAdapter {
  #name;
  #rows;

  constructor(name) {
    this.#name = name;
    if (!models.has(name)) models.set(name, new Map());
    this.#rows = models.get(name);
  }

  async upsert(id, payload) {
    this.#rows.set(id, payload);
    if (payload.grantId === undefined) return;
    const members = byGrant.get(payload.grantId) ?? [];
    members.push([this.#name, id]);
    byGrant.set(payload.grantId, members);
  }

  async find(id) {
    return this.#rows.get(id);
  }

  async consume(id) {
    this.#rows.get(id).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    this.#rows.delete(id);
  }

  async revokeByGrantId(grantId) {
    for (const [name, id] of byGrant.get(grantId) ?? []) models.get(name).delete(id);
    byGrant.delete(grantId);
  }
}
