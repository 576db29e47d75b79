import { rootCertificates } from 'node:tls';
import type { SmtpSettings } from '../config/authorization-server-config.js';
import type { Message, MessageTransport } from './message.js';

/** To the mail server, of each of our servers. Messages beyond that wait for a connection. */
const MAX_CONNECTIONS = 4;

/** Sends messages by a mail server (RFC 5321), over connections that are kept for the next ones. */
export class SmtpTransport implements MessageTransport {
  readonly #mailer: ReturnType<typeof openMailer>;

  /** @param timeoutMs of each step of a conversation */
  constructor(
    private readonly settings: SmtpSettings,
    timeoutMs: number,
  ) {
    this.#mailer = openMailer(settings, timeoutMs);
  }

  async send({ to, subject, text }: Message, signal: AbortSignal): Promise<void> {
    const { from } = this.settings;
    const mailer = await this.#mailer;
    await mailer.sendMail({
      from: { name: '', address: from },
      to: { name: '', address: to },
      // As it is, and not as it is read from the header.
      envelope: { from, to: [to] },
      subject,
      text,
      // RFC 3834 section 5: programs that answer mail leave this one alone.
      headers: { 'Auto-Submitted': 'auto-generated' },
      signal,
    });
  }

  close(): void {
    void this.#mailer.then((mailer) => mailer.close());
  }
}

/** Loads the library too, which a server that sends no mail does without. */
async function openMailer({ host, port, encryption, credentials, ca }: SmtpSettings, timeoutMs: number) {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    pool: true,
    maxConnections: MAX_CONNECTIONS,
    host,
    port,
    secure: encryption === 'tls',
    requireTLS: encryption === 'starttls',
    ignoreTLS: encryption === 'none',
    ...(credentials !== null && { auth: credentials }),
    ...(ca !== null && { tls: { ca: [...rootCertificates, ca] } }),
    dnsTimeout: timeoutMs,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    // Also the time after which a connection without messages is closed.
    socketTimeout: timeoutMs,
    socketCloseTimeout: 0,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
