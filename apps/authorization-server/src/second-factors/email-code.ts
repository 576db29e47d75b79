import { randomInt } from 'node:crypto';
import type { Message } from '../messages/message.js';

/** In seconds, because a message may take a while to arrive. */
export const EMAIL_CODE_LIFETIME = 10 * 60;

const DIGITS = 8;

/** ASCII digits only, because other systems encode other digits differently. */
const CODE = /^[0-9]{8}$/;

export function newEmailCode(): string {
  return String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0');
}

export function isEmailCode(text: string): boolean {
  return CODE.test(text);
}

/** Fixed text: requesters cannot send their own through our messages. @param host of the installation */
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
