import { randomBytes } from 'node:crypto';
import { secretWeakness } from '@latchkey/platform/environment';
import type { BootstrapClient } from '../../config/authorization-server-config.js';
import { BootstrapClientProvisioner } from '../../provisioning/bootstrap-client.provisioner.js';
import type { Cli, JsonOption } from '../cli.js';
import { CliError, EXIT } from '../cli-error.js';
import { readNewSecret } from '../prompt.js';
import { chooseDatabase } from './with-database.js';
import { withInstallation, type Installation } from './with-installation.js';

interface BootstrapOptions extends JsonOption {
  readonly clientId?: string;
  readonly secretStdin?: boolean;
}

const DEFAULT_CLIENT_ID = 'latchkey-admin';
const SECRET_BYTES = 32;

interface NewAdministrator extends BootstrapClient {
  /** Whether the secret was generated and has to be shown. */
  readonly isSecretNew: boolean;
}

/** Creates the first administrator. Without a given secret, one is generated and shown once. */
export async function bootstrap(cli: Cli, options: BootstrapOptions): Promise<void> {
  const config = await chooseDatabase(cli);
  // Before the database is opened, because the secret may have to be typed.
  const given = options.secretStdin === true ? await readNewSecret(cli.terminal, 'client secret') : null;
  await withInstallation(cli, config, { migrate: true, create: true }, async (installation) => {
    const client = chooseClient(options, given, installation);
    await create(client, installation);
    await report(client, options, cli);
  });
}

function chooseClient(
  options: BootstrapOptions,
  given: string | null,
  { config }: Installation,
): NewAdministrator {
  const environment = config.bootstrapClient;
  const clientId = options.clientId ?? environment?.clientId ?? DEFAULT_CLIENT_ID;
  const clientSecret = given ?? (clientId === environment?.clientId ? environment.clientSecret : null);
  const weakness = given === null || !config.production ? null : secretWeakness(given);
  if (weakness !== null) throw CliError.usage(`The client secret ${weakness}`);
  for (const [name, value] of [
    ['client_id', clientId],
    ['client secret', clientSecret ?? 'x'],
  ] as const) {
    if (!/^[\x20-\x7e]{1,255}$/.test(value)) {
      throw CliError.usage(`The ${name} must be printable ASCII, of at most 255 characters`);
    }
  }
  return {
    clientId,
    clientSecret: clientSecret ?? randomBytes(SECRET_BYTES).toString('base64url'),
    isSecretNew: clientSecret === null,
  };
}

async function create(client: NewAdministrator, { config, get }: Installation): Promise<void> {
  const outcome = await get(BootstrapClientProvisioner).create(client, config.issuer);
  if (outcome === 'created') return;
  throw new CliError(
    outcome === 'deleted'
      ? `An administrator deleted the client ${client.clientId}, and it does not come back this way`
      : 'There is a client with administrative scopes already',
    EXIT.failed,
    outcome === 'deleted'
      ? 'Choose another one with --client-id.'
      : 'Use its credentials. If they are lost, apply a file that gives it another secret: `client_secret_hash` and `reset: true`.',
  );
}

async function report(
  { clientId, clientSecret, isSecretNew }: NewAdministrator,
  { json = false }: BootstrapOptions,
  { terminal }: Cli,
): Promise<void> {
  if (json) {
    return terminal.printJson({ client_id: clientId, ...(isSecretNew && { client_secret: clientSecret }) });
  }
  terminal.note(`Created the client ${clientId} with all administrative scopes.`);
  await terminal.print(`client_id      ${clientId}`);
  if (isSecretNew) {
    await terminal.print(`client_secret  ${clientSecret}`);
    terminal.note('The secret is shown this once; keep it now.');
  }
}
