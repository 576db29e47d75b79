import { expect } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { aClient, aConfiguration, API, type Configuration } from './builders.js';
import { expectOAuthError, expectTokens } from './expectations.js';
import { api, postForm, type Answer, type Credentials } from './http.js';
import type { Stack } from './stack.js';
import { SHOP } from './builders.js';

export const OTP = 'urn:latchkey:grant-type:mfa-otp';
export const RECOVERY_CODE = 'urn:latchkey:grant-type:mfa-recovery-code';

export interface Owner {
  readonly username: string;
  readonly password: string;
}

export interface MfaRequired {
  error: string;
  mfa_token: string;
  mfa_requirements: {
    challenge?: { type: string; authenticator_id?: string; sent_to?: string }[];
    enroll?: { type: string }[];
  };
}

/** Clients whose users may administer their own factors. */
export function withAccounts(client: Record<string, unknown> = {}): (issuer: string) => Configuration {
  return (issuer) => {
    const { clients, ...rest } = aConfiguration();
    const [, ...others] = clients;
    return {
      ...rest,
      clients: [
        aClient({
          scope: 'account resources:read',
          default_scope: 'account resources:read',
          audience: [issuer, API],
          ...client,
        }),
        ...others,
      ],
    };
  };
}

/** An authenticator application. */
export class Authenticator {
  readonly #totp: TOTP;

  /** @param secret in base32 */
  constructor(readonly secret: string) {
    this.#totp = new TOTP({ secret: Secret.fromBase32(secret) });
  }

  /** The code of a time step, from the present one. */
  code(steps = 0): string {
    return this.#totp.generate({ timestamp: Date.now() + steps * 30_000 });
  }

  /**
   * Sends the code of the time step before the present one, which leaves the codes from the present one on to be used.
   * When the present step ends meanwhile, the code is too old, and the next one is sent.
   */
  async sendEarlier<T extends { readonly status: number }>(send: (code: string) => Promise<T>): Promise<T> {
    for (;;) {
      const code = this.code(-1);
      const answer = await send(code);
      if (answer.status < 400 || code === this.code(-1)) return answer;
    }
  }

  /** The code of a time step since the epoch. */
  codeOf(step: number): string {
    return this.#totp.generate({ timestamp: step * 30_000 });
  }

  /** A code that is wrong at any time near now. */
  wrongCode(): string {
    const good = [-2, -1, 0, 1, 2].map((steps) => this.code(steps));
    return (
      ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !good.includes(code)) ?? ''
    );
  }
}

export function account(
  stack: Stack,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  token: string,
  body?: unknown,
): Promise<Answer> {
  return api(method, `${stack.issuer}/account${path}`, token, body);
}

/** Logs in and enrols an authenticator. It spends the code of the time step before the present one. */
export async function enrol(stack: Stack, owner: Owner, client?: Credentials): Promise<Authenticator> {
  const { access_token: token } = expectTokens(await stack.login(owner, { scope: 'account' }, client));
  return enrolWith(stack, token);
}

/** The same with a token of the user. */
export async function enrolWith(stack: Stack, token: string): Promise<Authenticator> {
  const added = await account(stack, 'POST', '/factors', token, { type: 'totp' });
  expect(added.status).toBe(201);
  const { id, secret } = added.json as { id: string; secret: string };
  const authenticator = new Authenticator(secret);
  const confirmed = await authenticator.sendEarlier((code) =>
    account(stack, 'POST', `/factors/${id}/confirm`, token, { code }),
  );
  expect(confirmed.status).toBe(200);
  return authenticator;
}

/** The right password, where a second factor is asked for. */
export async function passwordOnly(stack: Stack, owner: Owner, client?: Credentials): Promise<MfaRequired> {
  const answer = await stack.login(owner, {}, client);
  expectOAuthError(answer, 403, 'mfa_required');
  return answer.json as MfaRequired;
}

export function otp(
  stack: Stack,
  mfaToken: string,
  code: string,
  client: Credentials = SHOP,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const form = { grant_type: OTP, mfa_token: mfaToken, otp: code };
  return postForm(`${stack.issuer}/oauth/token`, form, client, headers);
}
