// What the demo file of the authorization server holds, for scripts that play with it.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export function readDemoFile() {
  const { clients, users } = parse(
    readFileSync(new URL('../../apps/authorization-server/demo.yaml', import.meta.url), 'utf8'),
  );
  return {
    client: clients.find(({ grant_types: grantTypes }) => grantTypes?.includes('password')),
    resourceServer: clients.find(({ may_introspect: mayIntrospect }) => mayIntrospect),
    users,
  };
}
