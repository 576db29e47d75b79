import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { aClient, aConfiguration, ALICE, SHOP } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { enrolAddress } from '../support/email-codes.js';
import { MailServer } from '../support/mail-server.js';
import { describeWithPrograms, startProgram } from '../support/programs.js';
import { Authenticator, passwordOnly, withAccounts } from '../support/second-factors.js';
import { startStack, type Stack } from '../support/stack.js';

const USER = { username: 'user@example.com', password: 'a lantern in the fog' };

/**
 * What Auth0 publishes for the password grant with MFA ("Authenticate Using the Resource Owner Password Flow with MFA" and the
 * reference of its authentication API). Capitals stand for what a reader puts in; the options and types are as they are there.
 */
const PASSWORD = `curl --request POST \\
  --url 'https://YOUR_DOMAIN/oauth/token' \\
  --header 'content-type: application/x-www-form-urlencoded' \\
  --data grant_type=password \\
  --data 'username=${USER.username}' \\
  --data 'password=${USER.password}' \\
  --data client_id=YOUR_CLIENT_ID \\
  --data client_secret=YOUR_CLIENT_SECRET \\
  --data audience=https://someapi.com/api \\
  --data scope=read:sample`;

const AUTHENTICATORS = `curl --request GET \\
  --url 'https://YOUR_DOMAIN/mfa/authenticators' \\
  --header 'authorization: Bearer MFA_TOKEN' \\
  --header 'content-type: application/x-www-form-urlencoded'`;

const ASSOCIATE = `curl --request POST \\
  --url 'https://YOUR_DOMAIN/mfa/associate' \\
  --header 'authorization: Bearer MFA_TOKEN' \\
  --header 'content-type: application/json' \\
  --data '{ "authenticator_types": ["otp"] }'`;

const ASSOCIATE_BY_REFERENCE = `curl --request POST \\
  --url 'https://YOUR_DOMAIN/mfa/associate' \\
  --header 'authorization: Bearer MFA_TOKEN' \\
  --header 'content-type: application/json' \\
  --data '{"client_id": "YOUR_CLIENT_ID", "client_secret": "YOUR_CLIENT_SECRET", "authenticator_types":["otp"]}'`;

/** The guide names no type here, so that curl calls the JSON a form. */
const CHALLENGE = `curl --request POST \\
  --url 'https://YOUR_DOMAIN/mfa/challenge' \\
  --data '{ "client_id": "YOUR_CLIENT_ID", "challenge_type": "otp", "mfa_token": "MFA_TOKEN", "authenticator_id": "AUTHENTICATOR_ID" }'`;

const CHALLENGE_BY_REFERENCE = `curl --request POST \\
  --url 'https://YOUR_DOMAIN/mfa/challenge' \\
  --header 'content-type: application/json' \\
  --data '{"mfa_token":"MFA_TOKEN", "challenge_type":"oob otp", "client_id": "YOUR_CLIENT_ID", "client_secret": "YOUR_CLIENT_SECRET"}'`;

const OTP = `curl --request POST \\
  --url 'https://YOUR_DOMAIN/oauth/token' \\
  --header 'content-type: application/x-www-form-urlencoded' \\
  --data grant_type=http://auth0.com/oauth/grant-type/mfa-otp \\
  --data client_id=YOUR_CLIENT_ID \\
  --data mfa_token=MFA_TOKEN \\
  --data client_secret=YOUR_CLIENT_SECRET \\
  --data otp=USER_OTP_CODE`;

const RECOVERY_CODE = `curl --request POST \\
  --url 'https://YOUR_DOMAIN/oauth/token' \\
  --header 'content-type: application/x-www-form-urlencoded' \\
  --data 'mfa_token=MFA_TOKEN&recovery_code=A_RECOVERY_CODE&grant_type=http://auth0.com/oauth/grant-type/mfa-recovery-code&client_id=YOUR_CLIENT_ID&client_secret=YOUR_CLIENT_SECRET'`;

const CHALLENGE_BY_EMAIL = `curl --request POST \\
  --url 'https://YOUR_DOMAIN/mfa/challenge' \\
  --data '{ "mfa_token": "MFA_TOKEN", "challenge_type": "oob", "authenticator_id": "AUTHENTICATOR_ID", "client_id": "YOUR_CLIENT_ID", "client_secret": "YOUR_CLIENT_SECRET"}'`;

const OOB = `curl --request POST \\
  --url 'https://YOUR_DOMAIN/oauth/token' \\
  --header 'content-type: application/x-www-form-urlencoded' \\
  --data 'client_id=YOUR_CLIENT_ID&client_secret=YOUR_CLIENT_SECRET&mfa_token=MFA_TOKEN&grant_type=http://auth0.com/oauth/grant-type/mfa-oob&oob_code=OOB_CODE&binding_code=BINDING_CODE'`;

interface Printed {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Runs a command of Auth0's, with these values put in. */
async function runAt(
  stack: Stack,
  command: string,
  values: Readonly<Record<string, string>>,
): Promise<Printed> {
  const own = {
    'https://YOUR_DOMAIN': stack.issuer,
    YOUR_CLIENT_SECRET: SHOP.secret,
    YOUR_CLIENT_ID: SHOP.clientId,
    ...values,
  };
  const script = Object.entries(own).reduce((text, [name, value]) => text.replaceAll(name, value), command);
  const measured = `${script} --silent --show-error --write-out '\\n%{http_code}'`;
  const { output } = await startProgram('sh', ['-c', measured]).ended;
  const [, body = '', status = ''] = /^([^]*)\n(\d+)$/.exec(output) ?? [];
  return { status: Number(status), json: JSON.parse(body) as Printed['json'] };
}

describeWithPrograms('The commands that Auth0 publishes', ['curl'], () => {
  describeEachDatabase('with another host and client', (dialect) => {
    let stack: Stack;

    beforeEach(async () => {
      stack = await startStack(dialect, {
        configuration: aConfiguration({
          scopes: [{ name: 'read:sample', description: 'Read' }],
          clients: [
            aClient({
              scope: 'read:sample',
              default_scope: 'read:sample',
              audience: ['https://someapi.com/api'],
              second_factor: 'required',
            }),
          ],
          users: [USER],
        }),
      });
    });

    afterEach(() => stack.stop());

    const run = (command: string, values: Readonly<Record<string, string>> = {}) =>
      runAt(stack, command, values);

    const beginLogin = async (): Promise<{ MFA_TOKEN: string }> => {
      const { status, json } = await run(PASSWORD);
      expect({ status, json }).toMatchObject({ status: 403, json: { error: 'mfa_required' } });
      return { MFA_TOKEN: String(json.mfa_token) };
    };

    const expectTokens = ({ status, json }: Printed): void => {
      expect({ status, json }).toEqual({
        status: 200,
        json: {
          access_token: expect.any(String),
          refresh_token: expect.any(String),
          token_type: 'Bearer',
          expires_in: expect.any(Number),
          scope: 'read:sample',
        },
      });
      const claims = { amr: ['pwd', 'otp', 'mfa'], aud: 'https://someapi.com/api' };
      expect(decodeJwt(String(json.access_token))).toMatchObject(claims);
    };

    const enrol = async (command = ASSOCIATE): Promise<{ authenticator: Authenticator; codes: string[] }> => {
      const login = await beginLogin();
      const { status, json } = await run(command, login);
      expect({ status, json }).toEqual({
        status: 200,
        json: {
          authenticator_type: 'otp',
          secret: expect.any(String),
          barcode_uri: expect.stringMatching(/^otpauth:\/\/totp\//),
          recovery_codes: expect.any(Array),
        },
      });
      const authenticator = new Authenticator(String(json.secret));
      expectTokens(await authenticator.sendEarlier((code) => run(OTP, { ...login, USER_OTP_CODE: code })));
      return { authenticator, codes: json.recovery_codes as string[] };
    };

    it('enrol an authenticator, list it, and log in with its codes', async () => {
      const login = await beginLogin();
      expect(await run(AUTHENTICATORS, login)).toEqual({ status: 200, json: [] });
      const { authenticator } = await enrol();
      const next = await beginLogin();
      const { status, json } = await run(AUTHENTICATORS, next);
      expect({ status, json }).toEqual({
        status: 200,
        json: [
          { id: 'recovery-code', authenticator_type: 'recovery-code', active: true },
          { id: expect.stringMatching(/^totp\|/), authenticator_type: 'otp', active: true },
        ],
      });
      const [, { id }] = json as unknown as [unknown, { id: string }];
      const challenge = await run(CHALLENGE, { ...next, AUTHENTICATOR_ID: id });
      expect(challenge).toEqual({ status: 200, json: { challenge_type: 'otp' } });
      const otp = { ...next, USER_OTP_CODE: authenticator.code() };
      expectTokens(await run(OTP, otp));
      // The second factor is asked for now, and the password adds no other one.
      expect((await run(ASSOCIATE, await beginLogin())).status).toBe(403);
    });

    it('work as the reference has them, with the client in the body', async () => {
      const { authenticator } = await enrol(ASSOCIATE_BY_REFERENCE);
      const login = await beginLogin();
      const challenge = await run(CHALLENGE_BY_REFERENCE, login);
      expect(challenge).toEqual({ status: 200, json: { challenge_type: 'otp' } });
      expectTokens(await run(OTP, { ...login, USER_OTP_CODE: authenticator.code() }));
    });

    it('log in with a recovery code that was shown with the secret, once', async () => {
      const { codes } = await enrol();
      expect(new Set(codes).size).toBe(10);
      const [first = '', second = ''] = codes;
      const login = await beginLogin();
      expectTokens(await run(RECOVERY_CODE, { ...login, A_RECOVERY_CODE: first }));
      const next = await beginLogin();
      const again = await run(RECOVERY_CODE, { ...next, A_RECOVERY_CODE: first });
      expect(again).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
      expectTokens(await run(RECOVERY_CODE, { ...next, A_RECOVERY_CODE: second }));
    });

    it('take no recovery code before the secret that it was shown with is confirmed, nor of another secret', async () => {
      const login = await beginLogin();
      const early = (await run(ASSOCIATE, login)).json.recovery_codes as string[];
      const [first = '', second = ''] = early;
      const refused = { status: 400, json: { error: 'invalid_grant' } };
      expect(await run(RECOVERY_CODE, { ...login, A_RECOVERY_CODE: first })).toMatchObject(refused);
      const { json } = await run(AUTHENTICATORS, login);
      expect(json).toEqual([{ id: expect.any(String), authenticator_type: 'otp', active: false }]);
      const { codes } = await enrol();
      const next = await beginLogin();
      expect(await run(RECOVERY_CODE, { ...next, A_RECOVERY_CODE: second })).toMatchObject(refused);
      expectTokens(await run(RECOVERY_CODE, { ...next, A_RECOVERY_CODE: codes[0] ?? '' }));
    });
  });

  it('log in with a code by e-mail', async () => {
    const mail = await MailServer.start();
    const stack = await startStack('sqlite', { configuration: withAccounts(), environment: mail.settings() });
    try {
      const address = 'alice@mail.example.com';
      await enrolAddress(stack, mail, ALICE, address);
      const login = { MFA_TOKEN: (await passwordOnly(stack, ALICE)).mfa_token };
      const { json } = await runAt(stack, AUTHENTICATORS, login);
      const id = expect.stringMatching(/^email\|/);
      const shown = { authenticator_type: 'oob', active: true, oob_channel: 'email', name: 'a***@m***' };
      expect(json).toEqual([{ id, ...shown }]);
      const [authenticator] = json as unknown as { id: string }[];
      const named = { ...login, AUTHENTICATOR_ID: String(authenticator?.id) };
      const challenge = await runAt(stack, CHALLENGE_BY_EMAIL, named);
      expect(challenge).toMatchObject({
        status: 200,
        json: { challenge_type: 'oob', binding_method: 'prompt' },
      });
      const code = { OOB_CODE: String(challenge.json.oob_code), BINDING_CODE: mail.codeFor(address) };
      const { status, json: tokens } = await runAt(stack, OOB, { ...login, ...code });
      expect({ status, tokens }).toMatchObject({ status: 200, tokens: { token_type: 'Bearer' } });
    } finally {
      await stack.stop();
      await mail.stop();
    }
  });
});
