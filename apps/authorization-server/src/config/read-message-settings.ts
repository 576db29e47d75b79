import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { EnvironmentReader } from '@latchkey/platform/environment';
import { secretWeakness } from '@latchkey/platform/environment';
import { isEmailAddress } from '@latchkey/platform/http';
import type {
  MessageSettings,
  MessageTransportSettings,
  SmtpSettings,
} from './authorization-server-config.js';

const VARIABLES = ['SMTP_URL', 'EMAIL_WEBHOOK_URL', 'EMAIL_PRINT'] as const;

/** `smtp:` requires STARTTLS, and sends nothing without it. */
const SCHEMES: Readonly<Record<string, { encryption: SmtpSettings['encryption']; port: number }>> = {
  'smtp:': { encryption: 'starttls', port: 587 },
  'smtps:': { encryption: 'tls', port: 465 },
  'smtp+plain:': { encryption: 'none', port: 25 },
};

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** URL parsers drop other characters, so a URL with them would not mean what is written. */
const VISIBLE = /^[\x21-\x7e]+$/;

/** The configured way to send messages to users: one of three, or none. */
export function readMessageSettings(reader: EnvironmentReader, production: boolean): MessageSettings {
  const ways = [readSmtp(reader), readWebhook(reader, production), readPrinting(reader, production)];
  const chosen = ways.filter((way) => way !== null);
  if (chosen.length > 1) reader.problem(VARIABLES.join(', '), 'cannot be combined: set one of them');
  return {
    transport: chosen[0] ?? null,
    deadlineMs: reader.integer('EMAIL_DEADLINE_MS', 5000, { min: 100, max: 60_000 }),
    codesPerClient: reader.integer('EMAIL_CODES_PER_CLIENT', 1000, { min: 1, max: 1_000_000 }),
  };
}

function readSmtp(reader: EnvironmentReader): MessageTransportSettings | null {
  const text = reader.optional('SMTP_URL');
  const from = reader.optional('EMAIL_FROM');
  const ca = readCertificates(reader);
  if (text === null) return null;
  if (from === null) reader.problem('EMAIL_FROM', 'is required with SMTP_URL');
  else if (!isEmailAddress(from)) reader.problem('EMAIL_FROM', 'must be one e-mail address in ASCII');
  const server = parseSmtpUrl(text);
  if (server === null) {
    reader.problem('SMTP_URL', 'must be smtp://USER:PASSWORD@HOST:PORT or smtps://..., without a path');
    return null;
  }
  if (server.encryption === 'none' && !LOOPBACK.test(new URL(text).hostname)) {
    reader.problem('SMTP_URL', 'may be smtp+plain: on loopback only: codes would be sent unencrypted');
  }
  return { kind: 'smtp', ...server, ca, from: from ?? '' };
}

function parseSmtpUrl(text: string): Omit<SmtpSettings, 'kind' | 'ca' | 'from'> | null {
  if (!VISIBLE.test(text) || !URL.canParse(text)) return null;
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  const scheme = SCHEMES[protocol];
  if (scheme === undefined || hostname === '' || `${pathname}${search}${hash}`.length > 1) return null;
  try {
    const credentials = { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
    return {
      encryption: scheme.encryption,
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? scheme.port : Number(port),
      credentials: username === '' ? null : credentials,
    };
  } catch {
    return null;
  }
}

function readCertificates(reader: EnvironmentReader): string | null {
  const path = reader.optional('SMTP_CA_FILE');
  if (path === null) return null;
  try {
    const ca = readFileSync(path, 'utf8');
    if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new Error('no certificate');
    createSecureContext({ ca });
    return ca;
  } catch {
    reader.problem('SMTP_CA_FILE', 'must name a readable file with certificates in PEM');
    return null;
  }
}

function readWebhook(reader: EnvironmentReader, production: boolean): MessageTransportSettings | null {
  const secret = reader.optional('EMAIL_WEBHOOK_SECRET');
  const url = reader.url('EMAIL_WEBHOOK_URL', '');
  if (url === '') {
    if (secret !== null) reader.problem('EMAIL_WEBHOOK_URL', 'is required with EMAIL_WEBHOOK_SECRET');
    return null;
  }
  if (URL.canParse(url) && url.startsWith('http:') && !LOOPBACK.test(new URL(url).hostname)) {
    reader.problem('EMAIL_WEBHOOK_URL', 'must be an https URL, except on loopback');
  }
  const weakness = secret === null ? 'is required with EMAIL_WEBHOOK_URL' : secretWeakness(secret);
  if (weakness !== null && (production || secret === null)) reader.problem('EMAIL_WEBHOOK_SECRET', weakness);
  return { kind: 'webhook', url, secret: secret ?? '' };
}

function readPrinting(reader: EnvironmentReader, production: boolean): MessageTransportSettings | null {
  if (!reader.boolean('EMAIL_PRINT', false)) return null;
  if (production) reader.problem('EMAIL_PRINT', 'cannot be used in production');
  return { kind: 'print' };
}
