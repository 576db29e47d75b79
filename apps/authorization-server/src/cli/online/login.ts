import type { TokenResponse } from '@latchkey/contracts';
import type { Cli, JsonOption } from '../cli.js';
import { CliError, EXIT } from '../cli-error.js';
import { assertInteractive, readInput, readSecret } from '../prompt.js';
import { assertConfidential, serverUrl } from './connection.js';
import { explainRefusal, postForm, type ClientCredentials } from './http.js';
import { showOne } from '../output/show.js';

interface LoginOptions extends JsonOption {
  readonly clientId: string;
  readonly url?: string;
  readonly scope?: string;
  readonly keep?: boolean;
  readonly secretsStdin?: boolean;
}

/**
 * Logs in as a client would, and shows the result without the tokens, which would stay in the terminal's history. The
 * login is ended at once unless it is kept.
 */
export async function tryLogin(cli: Cli, username: string, options: LoginOptions): Promise<void> {
  const { clientId, scope, keep = false } = options;
  const server = serverUrl(cli, options.url);
  assertConfidential(server, cli.environment);
  const [clientSecret, password] = await readSecrets(cli, options);
  const client = { clientId, clientSecret };
  const answer = await postForm(
    server,
    '/oauth/token',
    { grant_type: 'password', username, password, ...(scope !== undefined && { scope }) },
    client,
  );
  if (isMfaRequired(answer.body)) {
    throw new CliError(
      'The password is right, and a second factor is asked for',
      EXIT.failed,
      `See \`latchkey factors list ${username}\`; this command takes no codes.`,
    );
  }
  if (answer.status !== 200) throw explainRefusal(answer.status, answer.body);
  const { access_token: token, ...shown } = answer.body as TokenResponse;
  if (!keep) await end(server, token, client);
  await showOne(
    cli,
    {
      username,
      client_id: clientId,
      scope: shown.scope,
      expires_in: shown.expires_in,
      has_refresh_token: shown.refresh_token !== undefined,
    },
    options.json,
  );
  cli.terminal.note(
    keep ? 'The login stays: see `latchkey authorizations list`.' : 'It works; the login was ended again.',
  );
}

function isMfaRequired(answer: unknown): boolean {
  return (answer as { error?: unknown } | null)?.error === 'mfa_required';
}

/** @throws CliError when the login may still be live */
async function end(server: string, token: string, client: ClientCredentials): Promise<void> {
  try {
    const { status, body } = await postForm(server, '/oauth/revoke', { token }, client);
    if (status !== 200) throw explainRefusal(status, body);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw new CliError(
      `The login works, but could not be ended again. ${error.message}`,
      error.status,
      'Find it with `latchkey authorizations list --user NAME`, end it with `latchkey authorizations revoke ID`.',
      { cause: error },
    );
  }
}

async function readSecrets({ terminal }: Cli, { secretsStdin }: LoginOptions): Promise<[string, string]> {
  if (secretsStdin === true && !terminal.isInteractive) {
    const [secret = '', password = ''] = (await readInput(terminal)).split(/\r?\n/);
    if (secret === '' || password === '') {
      throw CliError.usage('Two lines are needed', 'Give the client secret and then the password.');
    }
    return [secret, password];
  }
  assertInteractive(terminal, '--secrets-stdin and give the client secret and the password there');
  return [await readSecret(terminal, 'client secret'), await readSecret(terminal, 'password')];
}
