import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { eventually } from './eventually.js';

interface ReceivedMail {
  /** Of the envelope. */
  readonly from: string;
  readonly to: readonly string[];
  /** Header and body, as they came. */
  readonly source: string;
  readonly secure: boolean;
  /** Who has logged in. */
  readonly user: string | undefined;
}

const PEM = new URL('./tls/', import.meta.url);

/** A certificate for 127.0.0.1. */
export const MAIL_CERTIFICATE = new URL('first-cert.pem', PEM).pathname;

/** A real mail server, in this process. */
export class MailServer {
  readonly received: ReceivedMail[] = [];
  /** Conversations that are open. */
  open = 0;
  /** The most that were open at a time. */
  mostOpen = 0;

  private constructor(private readonly server: SMTPServer) {}

  static async start(options: SMTPServerOptions = {}): Promise<MailServer> {
    // Handlers are called only once the server listens.
    const mail: MailServer = new MailServer(
      new SMTPServer({
        key: readFileSync(new URL('first-key.pem', PEM)),
        cert: readFileSync(MAIL_CERTIFICATE),
        authOptional: true,
        onConnect: (_, done) => {
          mail.mostOpen = Math.max(mail.mostOpen, ++mail.open);
          done();
        },
        onClose: () => void mail.open--,
        onData: (stream, { envelope, secure, user }, done) => {
          void text(stream).then((source) => {
            const from = envelope.mailFrom === false ? '' : (envelope.mailFrom?.address ?? '');
            const to = envelope.rcptTo.map(({ address }) => address);
            mail.received.push({ from, to, source, secure, user: user as string | undefined });
            done();
          });
        },
        ...options,
      }),
    );
    // Conversations that a test breaks off.
    mail.server.on('error', () => undefined);
    await once(mail.server.listen(0, '127.0.0.1'), 'listening');
    return mail;
  }

  /** @param scheme of `SMTP_URL` */
  url(scheme = 'smtp+plain', credentials = ''): string {
    const { port } = this.server.server.address() as AddressInfo;
    return `${scheme}://${credentials}127.0.0.1:${port}`;
  }

  /** What a server of ours needs to send by this one. */
  settings(scheme?: string, credentials?: string): Record<string, string> {
    return { SMTP_URL: this.url(scheme, credentials), EMAIL_FROM: 'no-reply@id.example.com' };
  }

  /** The code of the last message to an address. It is there once the request that sends it was answered. */
  codeFor(address: string): string {
    const mail = this.received.findLast(({ to }) => to.includes(address));
    const [, code] = /^(\d{8}) is your code /m.exec(mail?.source ?? '') ?? [];
    if (code === undefined) throw new Error(`No code was sent to ${address}`);
    return code;
  }

  /** Resolves once so many messages were received. */
  async receives(count: number): Promise<void> {
    await eventually(() => expectAtLeast(this.received.length, count));
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(resolve));
  }
}

function expectAtLeast(actual: number, count: number): void {
  if (actual < count) throw new Error(`${actual} of ${count} messages were received`);
}
