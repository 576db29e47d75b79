import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ALICE } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { addAddress, challenge, oob, otherCode, sendCode } from '../support/email-codes.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { MailServer } from '../support/mail-server.js';
import { account, passwordOnly, withAccounts } from '../support/second-factors.js';
import { Servers } from '../support/servers.js';

/** Of both servers, so that the tokens of one are good at the other. */
const ISSUER = 'http://id.example.com';

const ADDRESS = 'alice@mail.example.com';

describeEachDatabase('Codes by e-mail', (dialect) => {
  let mail: MailServer;
  let servers: Servers;

  beforeEach(async () => {
    mail = await MailServer.start();
    servers = await Servers.start(dialect, {
      environment: { ...mail.settings(), ISSUER },
      configuration: withAccounts()(ISSUER),
    });
  });

  afterEach(async () => {
    await servers.stop();
    await mail.stop();
  });

  it('that one server has sent are good at another, and after all of them were restarted, once', async () => {
    const { access_token: token } = expectTokens(await servers.first.login(ALICE, { scope: 'account' }));
    const { id } = (await addAddress(servers.first, token, ADDRESS)).json as { id: string };
    const proof = { code: mail.codeFor(ADDRESS) };
    await servers.restart();
    const confirmed = await account(servers.second, 'POST', `/factors/${id}/confirm`, token, proof);
    expect(confirmed.status).toBe(200);

    const { mfa_token: waiting } = await passwordOnly(servers.first, ALICE);
    const handle = await sendCode(servers.second, waiting);
    const code = mail.codeFor(ADDRESS);
    await servers.restart();
    expectOAuthError(await oob(servers.first, waiting, handle, otherCode(code)), 400, 'invalid_grant');
    expectTokens(await oob(servers.second, waiting, handle, code));
    await servers.restart();
    const { mfa_token: next } = await passwordOnly(servers.first, ALICE);
    expectOAuthError(await oob(servers.second, next, handle, code), 400, 'invalid_grant');
    const again = await account(servers.first, 'POST', `/factors/${id}/confirm`, token, proof);
    expect(again.status).not.toBe(200);
  });

  it('cannot be asked for where the server has no mail server any longer, and the login needs another factor', async () => {
    const { access_token: token } = expectTokens(await servers.first.login(ALICE, { scope: 'account' }));
    const { id } = (await addAddress(servers.first, token, ADDRESS)).json as { id: string };
    await account(servers.first, 'POST', `/factors/${id}/confirm`, token, { code: mail.codeFor(ADDRESS) });
    await servers.restart({ SMTP_URL: '' });
    const { mfa_token: waiting, mfa_requirements: requirements } = await passwordOnly(servers.first, ALICE);
    expect(requirements).toEqual({ challenge: [{ type: 'recovery-code' }] });
    expectOAuthError(await challenge(servers.first, waiting), 400, 'invalid_request');
    expectOAuthError(await oob(servers.first, waiting, 'x', '12345678'), 400, 'unsupported_grant_type');
  });
});
