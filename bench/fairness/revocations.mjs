// One client that gets tokens and revokes them, as fast as it is answered.
import { addClientLike, CLIENT, NOISY_CLIENT } from '../support/authorization-server.mjs';
import { basic, formPost, HttpConnection } from '../support/http-connection.mjs';

export const database = 'sqlite';

const CONNECTIONS = 50;

export function configure(file) {
  addClientLike(file, CLIENT, NOISY_CLIENT);
}

export async function attack({ url, until }) {
  const statuses = {};
  const count = (what, status) => {
    const key = `${what} ${status}`;
    statuses[key] = (statuses[key] ?? 0) + 1;
  };
  const headers = { authorization: basic(NOISY_CLIENT) };
  const request = formPost('/oauth/token', headers, 'grant_type=client_credentials');
  const lane = async () => {
    const http = new HttpConnection(url);
    while (!until()) {
      const { status, body } = await http.send(request);
      count('token', status);
      if (status !== 200) continue;
      const { access_token: token } = JSON.parse(body);
      count('revoke', (await http.send(formPost('/oauth/revoke', headers, `token=${token}`))).status);
    }
    http.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  return statuses;
}
