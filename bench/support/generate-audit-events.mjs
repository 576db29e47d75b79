// Fills a database with audit events as the logins of the last days would have left them.
import { inBatches, openForFilling } from './mass-insert.mjs';

const SPREAD_MS = 6 * 86_400_000;
const EVENTS_OF_A_SUBJECT = 10;

/** One event in so many is of this kind; all others are logins. */
const RARER = { client_authorized: 5, authorization_revoked: 20, password_changed: 100 };

/**
 * @param databaseUrl as in `DATABASE_URL`; no server runs on it
 * @returns the subjects, `subject-` and a number from 1, all with about as many events
 */
export async function generateAuditEvents(databaseUrl, count, { clientId, report }) {
  const connection = await openForFilling(databaseUrl);
  const subjects = Math.max(1, Math.floor(count / EVENTS_OF_A_SUBJECT));
  try {
    await inBatches(count, 'audit events', report, (from, to) =>
      connection.run(insertion(connection.dialect, { from, to, count, subjects, clientId })),
    );
    await connection.finish('audit_events');
    return Array.from({ length: subjects }, (_, index) => `subject-${index + 1}`);
  } finally {
    await connection.close();
  }
}

function insertion({ series, random, id, text }, { from, to, count, subjects, clientId }) {
  const occurred = `(${Date.now() - SPREAD_MS} + i * ${SPREAD_MS} / ${count})`;
  const kinds = Object.entries(RARER).map(([kind, one]) => `WHEN i % ${one} = 1 THEN '${kind}'`);
  return `INSERT INTO audit_events (id, occurred_at, kind, outcome, actor, client_id, subject, sid, address, request_id,
      detail, count, bucket)
    SELECT ${id(occurred)}, ${occurred}, CASE ${kinds.reverse().join(' ')} ELSE 'login' END, 'success', '${clientId}',
      '${clientId}', 'subject-' || ${text(`i % ${subjects} + 1`)}, NULL, '203.0.113.' || ${text(random(256))},
      ${text(random(1_000_000_000))}, NULL, 1, NULL
    FROM ${series(from, to)}`;
}
