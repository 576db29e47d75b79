import { rootCertificates } from 'node:tls';
import type { SmtpSettings } from '../config/authorization-server-config.js';
import type { Message, MessageTransport } from './message.js';

/** Connections of each of our servers to the mail server. Further messages wait for one. */
const MAX_CONNECTIONS = 4;

/** Sends messages through a mail server (RFC 5321), over connections that are reused. */
export class SmtpTransport implements MessageTransport {
  readonly #mailer: ReturnType<typeof openMailer>;

  /** @param timeoutMs for each step of the protocol */
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
      // Set explicitly, because it would otherwise be parsed from the header.
      envelope: { from, to: [to] },
      subject,
      text,
      // RFC 3834 section 5: automatic responders ignore this message.
      headers: { 'Auto-Submitted': 'auto-generated' },
      signal,
    });
  }

  close(): void {
    void this.#mailer.then((mailer) => mailer.close());
  }
}

/** Also loads the library, which a server without mail does not need. */
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
    // Also the time after which an idle connection is closed.
    socketTimeout: timeoutMs,
    socketCloseTimeout: 0,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
