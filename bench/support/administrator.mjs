// What an administrator asks of a server.
import { ADMINISTRATOR, CLIENT } from './authorization-server.mjs';
import { basic, formPost, get, HttpConnection } from './http-connection.mjs';

const ALIKE = 20;

/**
 * The requests for lists, by what they ask for; of each several alike, to be sent in turn.
 *
 * @param nearTheEnd a cursor
 * @param authorization of the header
 */
export function listRequests({ nearTheEnd, users, subjects }, authorization) {
  const requests = (path, queries) => queries.map((query) => get(`${path}${query}`, { authorization }));
  const authorizations = '/admin/authorizations';
  const events = '/admin/audit-events';
  return {
    'authorizations, first page': requests(authorizations, ['']),
    'authorizations, page near the end': requests(authorizations, [`?cursor=${nearTheEnd}`]),
    'authorizations of a user': requests(
      authorizations,
      users.map((user) => `?user=${user}`),
    ),
    'authorizations, live': requests(authorizations, ['?state=live']),
    'authorizations of a client': requests(authorizations, [`?client_id=${CLIENT.id}`]),
    'audit events, first page': requests(events, ['']),
    'audit events of a subject': requests(
      events,
      subjects.slice(0, ALIKE).map((subject) => `?subject=${subject}`),
    ),
    'audit events of a frequent kind': requests(events, ['?kind=login']),
    'audit events of a rarer kind': requests(events, ['?kind=authorization_revoked']),
  };
}

/** @param scope what it is for, as far as the administrator's registration allows */
export async function administratorsToken(
  server,
  scope = 'admin:authorizations:read admin:audit:read admin:clients',
) {
  const form = new URLSearchParams({ grant_type: 'client_credentials', scope }).toString();
  const { status, body } = await ask(
    server,
    formPost('/oauth/token', { authorization: basic(ADMINISTRATOR) }, form),
  );
  if (status !== 200) throw new Error(`login of the administrator: ${status} ${body}`);
  return JSON.parse(body).access_token;
}

export async function ask(server, request) {
  const http = new HttpConnection(server.url);
  try {
    return await http.send(request);
  } finally {
    http.close();
  }
}
