import type { AuthorizationServerConfig } from '../../config/authorization-server-config.js';
import { DatabaseIdentity } from '../../database/settings.js';
import { ROTATING_PURPOSES } from '../../data-keys/data-key.js';
import { DataKeysService } from '../../data-keys/data-keys.service.js';
import type { Cli, JsonOption } from '../cli.js';
import { agree, type AgreeOptions } from '../prompt.js';
import { chooseDatabase } from './with-database.js';
import { withInstallation } from './with-installation.js';

/** Ends every session that a restored database, or a standby that was behind, has brought back. */
export async function afterRestore(
  cli: Cli,
  { json = false, ...options }: JsonOption & AgreeOptions,
): Promise<void> {
  const config = await chooseDatabase(cli);
  await agree(cli, 'End every session, so that everybody logs in again?', options);
  await revokeKeys(cli, config, 'after-restore');
  if (json) return cli.terminal.printJson({ revoked: ROTATING_PURPOSES });
  await cli.terminal.print('Made new keys. Every token so far is refused: everybody logs in again.');
  cli.terminal.note('Servers that are running follow within ten seconds; start them anew to be sure.');
}

/** @param actor who does it, for the audit trail */
export function revokeKeys(cli: Cli, config: AuthorizationServerConfig, actor: string): Promise<void> {
  return withInstallation(cli, config, { migrate: true, create: false }, async ({ get, database }) => {
    // First: that keys were revoked makes the listeners of the feed begin anew, and they have to see the other name then.
    await database.transaction((tx) => get(DatabaseIdentity).renew(tx));
    await get(DataKeysService).revoke(ROTATING_PURPOSES, { actor, address: null, requestId: null });
  });
}
