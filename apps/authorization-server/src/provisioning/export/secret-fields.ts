import type { ClientRow } from '../../clients/client-repository.js';

/** The secrets of a client as an entry writes them: one without an end has a key of its own. */
export function secretFields(rows: readonly ClientRow[]): Readonly<Record<string, unknown>> {
  const secrets = rows.flatMap(({ secret_id: id, secret_hash: hash, secret_expires_at: end }) =>
    id === null ? [] : [{ hash, ...(end !== null && { expires_at: new Date(end).toISOString() }) }],
  );
  const [first, ...others] = secrets;
  if (first === undefined) return {};
  if (others.length === 0 && !('expires_at' in first)) return { client_secret_hash: first.hash };
  return { client_secrets: secrets };
}
