import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { blockWith } from '../docs/support/code-blocks.js';
import { aConfiguration, ALICE, BOB, type Configuration } from '../support/builders.js';
import { expectTokens } from '../support/expectations.js';
import type { Credentials } from '../support/http.js';
import {
  describeWithPrograms,
  ORDINARY_USER,
  startProgram,
  startService,
  writes,
  type Result,
} from '../support/programs.js';
import { freePort } from '../support/ports.js';
import { startStack, type Stack } from '../support/stack.js';

const PAGE = 'docs/other-programs.md';
/** On a machine that is busy. */
const START_TIMEOUT_MS = 120_000;

/** What Dovecot's own clients are called where the tests run as root, and where they do not. */
const [USER, GROUP] =
  ORDINARY_USER.uid === undefined
    ? [userInfo().username, execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim()]
    : ['nobody', 'nogroup'];

/** What curl ends with when a server refuses a login. */
const LOGIN_DENIED = 67;

describeWithPrograms('Dovecot', ['dovecot-imapd', 'curl'], () => {
  const shown = parse(blockWith(PAGE, 'client_id: mail-server')) as Configuration;
  const [mailServer, webmail] = shown.clients.map(
    ({ client_id: clientId, client_secret: secret }) => ({ clientId, secret }) as Credentials,
  );
  let folder: string;
  let stack: Stack;
  let stop: () => Promise<void>;
  let url: string;

  beforeAll(async () => {
    const { scopes, clients, users } = aConfiguration();
    stack = await startStack('sqlite', {
      configuration: { scopes: [...scopes, ...shown.scopes], clients: [...clients, ...shown.clients], users },
    });
    folder = await mkdtemp(join(tmpdir(), 'latchkey-dovecot-'));
    const port = await freePort();
    url = `imap://127.0.0.1:${port}/`;
    stop = await startDovecot(port);
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await stop?.();
    await stack?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const startDovecot = async (port: number): Promise<() => Promise<void>> => {
    for (const [name, text] of [
      ['latchkey-token.conf.ext', blockWith(PAGE, 'client_id = mail-server\n', 'use_grant_password')],
      ['latchkey-password.conf.ext', blockWith(PAGE, 'use_grant_password')],
    ] as const) {
      const here = text
        .replaceAll('https://id.example.com', stack.issuer)
        .replace('SECRET', mailServer?.secret ?? '');
      await writeFile(join(folder, name), here);
    }
    const file = join(folder, 'dovecot.conf');
    await writeFile(file, configuration(folder, port));
    return startService({
      program: 'dovecot',
      parameters: ['-F', '-c', file],
      folder,
      ready: (child) => writes(child, 'starting up for imap'),
    });
  };

  /** Lists the folders of a mailbox, which takes a login. @returns how curl ended, and what Dovecot sent */
  const readMail = (...login: string[]) =>
    startProgram('curl', ['--silent', '--show-error', '--max-time', '20', url, ...login]).ended;

  const withToken = (mechanism: string, username: string, token: string) =>
    readMail('--login-options', `AUTH=${mechanism}`, '--user', username, '--oauth2-bearer', token);

  const tokenFor = async (client?: Credentials): Promise<string> =>
    expectTokens(await stack.login(ALICE, {}, client)).access_token;

  it.each(['XOAUTH2', 'OAUTHBEARER'])('takes a token by %s', async (mechanism) => {
    expectFolders(await withToken(mechanism, ALICE.username, await tokenFor(webmail)));
  });

  it('takes a token for its owner alone, and none for another API or one that was revoked', async () => {
    const token = await tokenFor(webmail);
    const refused = { status: LOGIN_DENIED };
    expect(await withToken('XOAUTH2', BOB.username, token)).toMatchObject(refused);
    expect(await withToken('XOAUTH2', ALICE.username, await tokenFor())).toMatchObject(refused);
    await stack.revoke(token, webmail);
    expect(await withToken('XOAUTH2', ALICE.username, token)).toMatchObject(refused);
  });

  it('takes the password of a user, and no other', async () => {
    const login = (password: string) => readMail('--user', `${ALICE.username}:${password}`);
    expectFolders(await login(ALICE.password));
    expect(await login(BOB.password)).toMatchObject({ status: LOGIN_DENIED });
  });
});

function expectFolders({ status, output }: Result): void {
  expect({ status, output }).toMatchObject({ status: 0 });
  expect(output).toContain('INBOX');
}

/** Around what the documentation shows: one user for all, ports and folders of the test. */
function configuration(folder: string, port: number): string {
  const shown = blockWith(PAGE, 'auth_mechanisms =').replaceAll('/etc/dovecot', folder);
  return `
base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
default_internal_user = ${USER}
default_internal_group = ${GROUP}
default_login_user = ${USER}
mail_location = maildir:~/Maildir
userdb {
  driver = static
  args = uid=${USER} gid=${GROUP} home=${folder}/mail/%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
  # Failed logins of an address wait longer and longer.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
${shown}`;
}
