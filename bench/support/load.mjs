// A closed loop of form posts over kept-alive connections, each answer checked.
import { Pool } from 'undici';

export function basic({ id, secret }) {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

/**
 * @param next gives each connection its next request: `{ path, body }`
 * @param check is given each answer's body, and throws when it is not right
 * @returns requests a second
 */
export async function run({ url, headers, connections, seconds, next, check }) {
  const pool = new Pool(url, { connections, pipelining: 1 });
  let count = 0;
  let counting = false;
  let stopped = false;
  const connection = async (index) => {
    while (!stopped) {
      const { path, body } = next(index);
      const response = await pool.request({
        path,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body,
      });
      const text = await response.body.text();
      if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${text}`);
      check(text, index);
      if (counting) count++;
    }
  };
  const all = Promise.all(Array.from({ length: connections }, (_, index) => connection(index)));
  await Promise.race([sleep(1000), all]);
  counting = true;
  const start = performance.now();
  await Promise.race([sleep(seconds * 1000), all]);
  const elapsed = (performance.now() - start) / 1000;
  const perSecond = count / elapsed;
  stopped = true;
  await all;
  await pool.close();
  return perSecond;
}

export function median(numbers) {
  const sorted = [...numbers].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)];
}

function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
