// Makes the secrets of the development demo, once: what is there is never overwritten. Each server and the database get
// a folder (a volume) of their own, so that none can read what it does not need.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';

const RESOURCE_SERVER = 'demo-resource-server';
const DATABASE_HOST = 'postgres:5432';

const secret = () => randomBytes(32).toString('base64url');

const resourceServerSecret = once('resource-server/client-secret', secret);
once('authorization-server/config.yaml', () => configuration(resourceServerSecret));
once('authorization-server/master-key', secret);
once('database/superuser-password', secret);
once('authorization-server/database-url', () => databaseUrl('latchkey'));
once('resource-server/database-url', () => databaseUrl('resources'));

/** Whole or not at all: a run that is stopped half way leaves nothing behind that the next one would take as written. */
function once(name, make) {
  const path = `/secrets/${name}`;
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const value = make();
  writeFileSync(`${path}.new`, `${value.trim()}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  console.log(`wrote ${path}`);
  return value;
}

function databaseUrl(name) {
  return `postgres://${name}:${secret()}@${DATABASE_HOST}/${name}`;
}

/** The demo file, with the resource server's own secret in place of the published one. */
function configuration(clientSecret) {
  const demo = parse(readFileSync('/demo.yaml', 'utf8'));
  const client = demo.clients.find(({ client_id: clientId }) => clientId === RESOURCE_SERVER);
  if (client === undefined) throw new Error(`the demo file has no client ${RESOURCE_SERVER}`);
  delete client.client_secret;
  client.client_secret_hash = `$sha256$${createHash('sha256').update(clientSecret).digest('base64url')}`;
  return stringify(demo);
}
