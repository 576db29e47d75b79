import { describe, expect, it } from '@jest/globals';
import { ConfigurationError, EnvironmentReader } from '@latchkey/platform/environment';
import type { MessageSettings } from './authorization-server-config.js';
import { readMessageSettings } from './read-message-settings.js';

const CANARY = 'canary-4711-not-a-secret';

function read(environment: Record<string, string>, production = false): MessageSettings {
  const reader = new EnvironmentReader(environment);
  const settings = readMessageSettings(reader, production);
  reader.assertValid();
  return settings;
}

/** The variables that are named as wrong. */
function wrongIn(environment: Record<string, string>, production = false): string[] {
  try {
    read(environment, production);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    expect(error.message).not.toContain(CANARY);
    return [...new Set(error.problems.map((problem) => problem.split(' ')[0] ?? ''))];
  }
  return [];
}

describe('readMessageSettings', () => {
  it.each<[string, object]>([
    ['smtp://mail.example.com', { encryption: 'starttls', port: 587, credentials: null }],
    ['smtps://mail.example.com/', { encryption: 'tls', port: 465 }],
    ['smtp+plain://localhost', { encryption: 'none', host: 'localhost', port: 25 }],
    ['smtp+plain://[::1]:2525', { encryption: 'none', host: '::1', port: 2525 }],
    [
      'smtp://a%40b:p%3A%2F@10.0.0.1:25',
      { credentials: { user: 'a@b', pass: 'p:/' }, host: '10.0.0.1', port: 25 },
    ],
  ])('reads the mail server %s', (url, settings) => {
    const { transport } = read({ SMTP_URL: url, EMAIL_FROM: 'a@example.com' });
    expect(transport).toMatchObject({ kind: 'smtp', from: 'a@example.com', ...settings });
  });

  it.each<[string, Record<string, string>]>([
    ['EMAIL_FROM', { SMTP_URL: 'smtp://mail.example.com' }],
    [
      'EMAIL_FROM',
      { SMTP_URL: 'smtp://mail.example.com', EMAIL_FROM: 'a@example.com\r\nBcc: b@example.com' },
    ],
    ['SMTP_URL', { SMTP_URL: 'smtp+plain://mail.example.com', EMAIL_FROM: 'a@example.com' }],
    ['SMTP_URL', { SMTP_URL: `https://${CANARY}`, EMAIL_FROM: 'a@example.com' }],
    ['SMTP_URL', { SMTP_URL: `smtp://mail.example.com/${CANARY}`, EMAIL_FROM: 'a@example.com' }],
    ['SMTP_URL', { SMTP_URL: 'smtp://mail.example.com?x', EMAIL_FROM: 'a@example.com' }],
    ['SMTP_URL', { SMTP_URL: 'smtp://mail.example.com\n', EMAIL_FROM: 'a@example.com' }],
    ['SMTP_URL', { SMTP_URL: 'smtp://%E0%A4%A@mail.example.com', EMAIL_FROM: 'a@example.com' }],
    ['SMTP_URL', { SMTP_URL: 'smtp://', EMAIL_FROM: 'a@example.com' }],
    ['SMTP_CA_FILE', { SMTP_CA_FILE: '/nowhere' }],
    ['SMTP_CA_FILE', { SMTP_CA_FILE: import.meta.filename }],
    ['EMAIL_WEBHOOK_SECRET', { EMAIL_WEBHOOK_URL: 'https://a.example' }],
    ['EMAIL_WEBHOOK_URL', { EMAIL_WEBHOOK_SECRET: CANARY }],
    ['EMAIL_WEBHOOK_URL', { EMAIL_WEBHOOK_URL: 'http://a.example', EMAIL_WEBHOOK_SECRET: CANARY }],
    [
      'EMAIL_WEBHOOK_URL',
      { EMAIL_WEBHOOK_URL: `https://u:${CANARY}@a.example`, EMAIL_WEBHOOK_SECRET: CANARY },
    ],
    ['EMAIL_DEADLINE_MS', { EMAIL_DEADLINE_MS: '0' }],
    ['EMAIL_CODES_PER_CLIENT', { EMAIL_CODES_PER_CLIENT: '0' }],
    ['SMTP_URL,', { EMAIL_PRINT: 'true', SMTP_URL: 'smtp://a.example', EMAIL_FROM: 'a@example.com' }],
  ])('refuses %s where messages are to be sent with %j', (name, environment) => {
    expect(wrongIn(environment)).toEqual([name]);
  });

  it('takes no weak secret for the webhook', () => {
    const webhook = { EMAIL_WEBHOOK_URL: 'https://a.example', EMAIL_WEBHOOK_SECRET: CANARY };
    expect(wrongIn(webhook, true)).toEqual(['EMAIL_WEBHOOK_SECRET']);
  });
});
