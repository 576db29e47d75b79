import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { chromium, type Browser, type CDPSession, type Page } from 'playwright-core';
import { ALICE, API } from '../support/builders.js';
import { expectTokens } from '../support/expectations.js';
import {
  accountToken,
  addPasskey,
  beginPasskey,
  challengePasskey,
  showPasskey,
  type CreationOptions,
  type RequestOptions,
} from '../support/passkeys.js';
import { describeWithPrograms } from '../support/programs.js';
import { account, passwordOnly, withAccounts } from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

const ISSUER = 'http://localhost:3000';

/** What documentation shows of the page, in one function for each ceremony. */
const PAGE = `<!doctype html><title>Shop</title><script>
  async function add(json) {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(json);
    return (await navigator.credentials.create({ publicKey })).toJSON();
  }
  async function show(json) {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json);
    return (await navigator.credentials.get({ publicKey })).toJSON();
  }
</script>`;

describeWithPrograms('Passkeys in Chromium', ['chromium'], () => {
  let shop: Server;
  let stack: Stack;
  let browser: Browser;
  let page: Page;
  let devtools: CDPSession;

  beforeAll(async () => {
    shop = createServer((_, response) => response.setHeader('content-type', 'text/html').end(PAGE));
    shop.listen(0, '127.0.0.1');
    await once(shop, 'listening');
    const origin = `http://localhost:${(shop.address() as AddressInfo).port}`;
    stack = await startStack('sqlite', {
      environment: { ISSUER, PASSKEY_ORIGINS: origin },
      configuration: withAccounts({ audience: [ISSUER, API] })(ISSUER),
    });
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      // Its sandbox does not work as root, as tests run in containers.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
    page = await browser.newPage();
    await page.goto(origin);
    devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
  });

  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    shop.close();
  });

  const inPage = (ceremony: 'add' | 'show', options: CreationOptions | RequestOptions): Promise<unknown> =>
    page.evaluate(`${ceremony}(${JSON.stringify(options)})`);

  it('are added under /account, and end a login', async () => {
    const token = await accountToken(stack, ALICE);
    const added = await addPasskey(stack, token, await inPage('add', await beginPasskey(stack, token)));
    expect(added).toMatchObject({ status: 201, json: { type: 'passkey', state: 'active' } });
    const required = await passwordOnly(stack, ALICE);
    expect(required.mfa_requirements).toMatchObject({ challenge: [{ type: 'passkey' }, {}] });
    const options = await challengePasskey(stack, required.mfa_token);
    const shown = await showPasskey(stack, required.mfa_token, await inPage('show', options));
    const { access_token: strong } = expectTokens(shown);
    expect(decodeJwt(strong)).toMatchObject({
      amr: ['pwd', expect.stringMatching(/^[hs]wk$/), 'user', 'mfa'],
      acr: 'urn:latchkey:acr:phr',
    });
    // The authenticator is not asked for a second one.
    const { public_key: again } = (await account(stack, 'POST', '/passkeys/options', strong)).json as {
      public_key: CreationOptions;
    };
    await expect(inPage('add', again)).rejects.toThrow(/InvalidStateError/);
    const next = await passwordOnly(stack, ALICE);
    const answer = await inPage('show', await challengePasskey(stack, next.mfa_token));
    expectTokens(await showPasskey(stack, next.mfa_token, answer));
  });
});
