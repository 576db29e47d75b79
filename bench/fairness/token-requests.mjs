// One client whose requests for tokens come as fast as they are answered.
import { addClientLike, CLIENT, NOISY_CLIENT } from '../support/authorization-server.mjs';
import { basic, formPost, HttpConnection } from '../support/http-connection.mjs';

export const database = 'sqlite';

const CONNECTIONS = 50;

export function configure(file) {
  addClientLike(file, CLIENT, NOISY_CLIENT);
}

export async function attack({ url, until }) {
  const statuses = {};
  const request = formPost(
    '/oauth/token',
    { authorization: basic(NOISY_CLIENT) },
    'grant_type=client_credentials',
  );
  const lane = async () => {
    const http = new HttpConnection(url);
    while (!until()) {
      const { status } = await http.send(request);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    http.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  return statuses;
}
