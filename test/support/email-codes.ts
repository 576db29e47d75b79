import { expect } from '@jest/globals';
import { SHOP } from './builders.js';
import { expectTokens } from './expectations.js';
import { postForm, type Answer, type Credentials } from './http.js';
import type { MailServer } from './mail-server.js';
import { account, type Owner } from './second-factors.js';
import type { Stack } from './stack.js';

const OOB = 'urn:latchkey:grant-type:mfa-oob';

/** Digits that a code is, wherever a wrong one is needed. */
export function otherCode(code: string): string {
  return String((Number(code) + 1) % 1e8).padStart(8, '0');
}

/** Begins to add an address. */
export function addAddress(stack: Stack, token: string, address: unknown): Promise<Answer> {
  return account(stack, 'POST', '/factors', token, { type: 'email_code', address });
}

/** Logs in and adds an address, which is asked for from then on. @returns the id of the factor */
export async function enrolAddress(
  stack: Stack,
  mail: MailServer,
  owner: Owner,
  address: string,
): Promise<string> {
  const { access_token: token } = expectTokens(await stack.login(owner, { scope: 'account' }));
  const added = await addAddress(stack, token, address);
  expect(added.status).toBe(201);
  const { id } = added.json as { id: string };
  const code = mail.codeFor(address);
  expect((await account(stack, 'POST', `/factors/${id}/confirm`, token, { code })).status).toBe(200);
  return id;
}

export interface SentCode {
  challenge_type: string;
  oob_code: string;
  binding_method: string;
  oob_channel: string;
  sent_to: string;
}

/** Asks for a code. */
export function challenge(
  stack: Stack,
  mfaToken: string,
  parameters: Record<string, string> = {},
  client: Credentials = SHOP,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const form = { mfa_token: mfaToken, challenge_type: 'oob', ...parameters };
  return postForm(`${stack.issuer}/oauth/mfa/challenge`, form, client, headers);
}

/** Asks for a code, which is sent. @returns its handle */
export async function sendCode(stack: Stack, mfaToken: string): Promise<string> {
  const answer = await challenge(stack, mfaToken);
  expect(answer.status).toBe(200);
  return (answer.json as SentCode).oob_code;
}

/** Shows a code. */
export function oob(
  stack: Stack,
  mfaToken: string,
  oobCode: string,
  bindingCode: string,
  client: Credentials = SHOP,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const form = { grant_type: OOB, mfa_token: mfaToken, oob_code: oobCode, binding_code: bindingCode };
  return postForm(`${stack.issuer}/oauth/token`, form, client, headers);
}
