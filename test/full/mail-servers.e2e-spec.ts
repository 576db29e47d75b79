import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { SMTPServerOptions } from 'smtp-server';
import { ALICE } from '../support/builders.js';
import { newUserLike } from '../support/administration.js';
import { addAddress } from '../support/email-codes.js';
import { eventually } from '../support/eventually.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import type { Answer } from '../support/http.js';
import { MAIL_CERTIFICATE, MailServer } from '../support/mail-server.js';
import { metricOf } from '../support/metrics.js';
import { account, withAccounts } from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

const ADDRESS = 'alice@mail.example.com';
const PASSWORD = 'canary-4711-not-a-secret';

/** Long enough for a mail server that works, in milliseconds. */
const DEADLINE = 1500;

describe('A mail server', () => {
  let mail: MailServer | null = null;
  let stack: Stack | null = null;

  afterEach(async () => {
    await stack?.stop();
    await mail?.stop();
    [stack, mail] = [null, null];
  });

  const start = async (
    options: SMTPServerOptions,
    settings: (server: MailServer) => Record<string, string> = (server) => server.settings(),
  ): Promise<[Stack, MailServer]> => {
    mail = await MailServer.start(options);
    stack = await startStack('sqlite', {
      configuration: withAccounts(),
      environment: { EMAIL_DEADLINE_MS: String(DEADLINE), ...settings(mail) },
    });
    return [stack, mail];
  };

  const tokenOf = async (server: Stack): Promise<string> =>
    expectTokens(await server.login(ALICE, { scope: 'account' })).access_token;

  const add = async (server: Stack): Promise<Answer> => addAddress(server, await tokenOf(server), ADDRESS);

  /** The answer is truthful and in time, and the log has the reason and nothing secret. */
  const expectNotSent = async (server: Stack, outcome: string): Promise<void> => {
    const begun = performance.now();
    const refused = await add(server);
    expect(performance.now() - begun).toBeLessThan(DEADLINE + 1000);
    expectOAuthError(refused, 503, 'temporarily_unavailable');
    expect(refused.headers['retry-after']).toBe('30');
    const log = server.log.join('\n');
    expect(log).toContain(`"outcome":"${outcome}"`);
    for (const secret of [ADDRESS, 'mail.example.com', PASSWORD, 'is your code']) {
      expect(log).not.toContain(secret);
    }
    expect(await metricOf(server.application, 'latchkey_messages_total', { outcome })).toBe(1);
    // What was asked for goes on: the login, and other factors.
    const listed = await account(server, 'GET', '/factors', await tokenOf(server));
    expect(listed.json).toMatchObject({ data: [{ type: 'email_code', state: 'pending' }] });
  };

  it.each<[string, SMTPServerOptions]>([
    ['greets', { onConnect: () => undefined }],
    ['answers the recipient', { onRcptTo: () => undefined }],
    ['accepts the message', { onData: (stream) => void stream.resume() }],
  ])('that never %s holds a request no longer than the deadline', async (_, options) => {
    const [server] = await start(options);
    await expectNotSent(server, 'timed_out');
  });

  it('that answers one letter at a time holds a request no longer than the deadline', async () => {
    const trickling = createServer((socket) => {
      const timer = setInterval(() => socket.write('2'), 100);
      socket.on('close', () => clearInterval(timer)).on('error', () => undefined);
    });
    await once(trickling.listen(0, '127.0.0.1'), 'listening');
    const { port } = trickling.address() as AddressInfo;
    const url = { SMTP_URL: `smtp+plain://127.0.0.1:${port}`, EMAIL_FROM: 'no-reply@id.example.com' };
    const [server] = await start({}, () => url);
    await expectNotSent(server, 'timed_out');
    await new Promise((resolve) => trickling.close(resolve));
  });

  it.each<[string, SMTPServerOptions]>([
    ['sender', { onMailFrom: (_address, _session, done) => done(new Error(`no: ${PASSWORD}`)) }],
    ['recipient', { onRcptTo: ({ address }, _session, done) => done(new Error(`no ${address}`)) }],
    [
      'message',
      {
        onData: (stream, _session, done) => {
          void text(stream).then((source) => done(new Error(source.slice(-200).replaceAll('\r\n', ' '))));
        },
      },
    ],
    ['connection', { onConnect: (_session, done) => done(new Error('busy')) }],
  ])('that refuses the %s', async (_, options) => {
    const [server] = await start(options);
    await expectNotSent(server, 'failed');
  });

  it('that is gone', async () => {
    const [server, gone] = await start({});
    await gone.stop();
    mail = null;
    await expectNotSent(server, 'failed');
  });

  it('that takes its time, within the deadline, gets the message', async () => {
    const slow = (_: unknown, __: unknown, done: () => void) => setTimeout(done, 100);
    const [server, received] = await start({ onMailFrom: slow, onRcptTo: slow });
    expect((await add(server)).status).toBe(201);
    expect(received.received).toHaveLength(1);
  });

  it('that ends idle connections is connected to again', async () => {
    const [server, received] = await start({ socketTimeout: 500 });
    expect((await add(server)).status).toBe(201);
    await eventually(() => expect(received.open).toBe(0));
    expect((await add(server)).status).toBe(201);
    expect(received.received).toHaveLength(2);
  });

  it('has its certificate verified, with STARTTLS and without', async () => {
    for (const scheme of ['smtp', 'smtps']) {
      const options = { secure: scheme === 'smtps' };
      const [strict] = await start(options, (server) => server.settings(scheme));
      await expectNotSent(strict, 'failed');
      await strict.stop();
      await mail?.stop();
      const [trusting, received] = await start(options, (server) => ({
        ...server.settings(scheme),
        SMTP_CA_FILE: MAIL_CERTIFICATE,
      }));
      expect((await add(trusting)).status).toBe(201);
      expect(received.received).toMatchObject([{ secure: true }]);
      await trusting.stop();
      await mail?.stop();
    }
    [stack, mail] = [null, null];
  });

  it('without STARTTLS gets nothing, not even a password', async () => {
    let seen = '';
    const [server, received] = await start(
      {
        hideSTARTTLS: true,
        disabledCommands: ['STARTTLS'],
        authOptional: false,
        allowInsecureAuth: true,
        onAuth: ({ username, password }, _session, done) => {
          seen = `${username} ${password}`;
          done(null, { user: username });
        },
      },
      (mailServer) => mailServer.settings('smtp', `latchkey:${PASSWORD}@`),
    );
    await expectNotSent(server, 'failed');
    expect(seen).toBe('');
    expect(received.received).toHaveLength(0);
  });

  it('that hangs takes four connections and 64 messages, keeps no login waiting, and gets messages again', async () => {
    let hangs = true;
    const [server, received] = await start({
      onRcptTo: (_address, _session, done) => {
        if (!hangs) done();
      },
    });
    const owners: string[] = [];
    for (let index = 0; index < 15; index++) {
      owners.push(
        expectTokens(await server.login(await newUserLike(server, ALICE), { scope: 'account' })).access_token,
      );
    }
    let answered = 0;
    const storm = Promise.all(
      owners.flatMap((token) =>
        Array.from({ length: 5 }, async () => {
          const answer = await addAddress(server, token, `user-${owners.indexOf(token)}@mail.example.com`);
          answered++;
          return answer.status;
        }),
      ),
    );
    await eventually(() => expect(answered).toBe(75 - 64));
    expectTokens(await server.login(ALICE));
    expect(answered).toBe(75 - 64);
    expect(new Set(await storm)).toEqual(new Set([503]));
    expect(received.mostOpen).toBeLessThanOrEqual(4);
    const { application } = server;
    expect(await metricOf(application, 'latchkey_messages_total', { outcome: 'queue_full' })).toBe(11);
    expect(await metricOf(application, 'latchkey_messages_total', { outcome: 'timed_out' })).toBe(64);
    hangs = false;
    expect((await add(server)).status).toBe(201);
    expect(received.received).toHaveLength(1);
  });

  it('is logged in to, with the password of the settings', async () => {
    const options: SMTPServerOptions = {
      authOptional: false,
      onAuth: ({ username, password }, _session, done) =>
        password === PASSWORD ? done(null, { user: username }) : done(new Error(`not ${password}`)),
    };
    const settings = (password: string) => (server: MailServer) => ({
      ...server.settings('smtp', `latchkey%40example.com:${password}@`),
      SMTP_CA_FILE: MAIL_CERTIFICATE,
    });
    const [server, received] = await start(options, settings(PASSWORD));
    expect((await add(server)).status).toBe(201);
    expect(received.received).toMatchObject([{ user: 'latchkey@example.com' }]);
    await server.stop();
    await mail?.stop();
    const [refused] = await start(options, settings(`${PASSWORD}x`));
    await expectNotSent(refused, 'failed');
  });
});
