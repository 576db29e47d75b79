// An administrator's programs that search a million audit events and a million sessions for what is not there, page by page.
import { administratorsToken } from '../support/administrator.mjs';
import { CLIENT, makeSessions } from '../support/authorization-server.mjs';
import { generateAuditEvents } from '../support/generate-audit-events.mjs';
import { get, HttpConnection } from '../support/http-connection.mjs';

export const database = 'sqlite';

const ROWS = Number(process.env.FAIRNESS_ROWS ?? 1_000_000);
const CONNECTIONS = 10;
const SEARCHES = [
  '/admin/audit-events?outcome=failure',
  '/admin/audit-events?kind=login&outcome=failure',
  `/admin/audit-events?kind=login&client_id=${CLIENT.id}&subject=nobody`,
  '/admin/authorizations?state=revoked',
  '/admin/password-grant-usage',
  '/admin/clients?scope=none',
];

export async function fill(environment) {
  const report = (line) => console.log(line);
  await makeSessions(environment, CLIENT, ROWS, { tokens: 1, report });
  await generateAuditEvents(environment.DATABASE_URL, ROWS, { clientId: CLIENT.id, report });
}

export async function prepare({ server }) {
  return { authorization: `Bearer ${await administratorsToken(server)}` };
}

export async function attack({ url, context, until }) {
  const statuses = {};
  const lane = async (number) => {
    const http = new HttpConnection(url);
    const path = SEARCHES[number % SEARCHES.length];
    let cursor = null;
    while (!until()) {
      const page = cursor === null ? '' : `${path.includes('?') ? '&' : '?'}cursor=${cursor}`;
      const { status, body } = await http.send(get(path + page, context));
      statuses[status] = (statuses[status] ?? 0) + 1;
      cursor = status === 200 ? JSON.parse(body).next_cursor : null;
    }
    http.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, number) => lane(number)));
  return statuses;
}
