import { randomInt } from 'node:crypto';
import type { Message } from '../messages/message.js';

/** Seconds: time for a message to arrive. */
export const EMAIL_CODE_LIFETIME = 10 * 60;

const DIGITS = 8;

/** Digits of ASCII only: other digits have other bytes in other systems. */
const CODE = /^[0-9]{8}$/;

export function newEmailCode(): string {
  return String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0');
}

export function isEmailCode(text: string): boolean {
  return CODE.test(text);
}

/** Nothing in it is chosen by who asked for it, so that no message of ours carries another one. @param host of the installation */
export function codeMessage(kind: Message['kind'], to: string, code: string, host: string): Message {
  const minutes = EMAIL_CODE_LIFETIME / 60;
  const [use, warning] = {
    login_code: [
      `to log in at ${host}`,
      'If you are not logging in now, another person knows your password: change it. Do not give this code to anyone.',
    ],
    address_code: [
      `to confirm this address at ${host}`,
      'If you did not ask for it, ignore this message. Do not give this code to anyone.',
    ],
  }[kind] as [string, string];
  return {
    kind,
    to,
    code,
    expiresIn: EMAIL_CODE_LIFETIME,
    subject: `Your code ${use}`,
    text: `${code} is your code ${use}. It is good for ${minutes} minutes, once.\n\n${warning}\n`,
  };
}
