import { createHmac } from 'node:crypto';
import type { WebhookSettings } from '../config/authorization-server-config.js';
import type { Message, MessageTransport } from './message.js';

/** The endpoint did not answer with a status from 200 to 299. */
export class WebhookRefusalError extends Error {
  override readonly name = 'WebhookRefusalError';

  constructor(readonly status: number) {
    super(`The webhook answered with status ${status}`);
  }
}

/**
 * Posts messages to an endpoint that sends them, as JSON with the time and a signature, the HMAC-SHA256 of `TIME.BODY`
 * in hexadecimal digits. A redirect counts as a refusal, and the body of the response is not read.
 */
export class WebhookTransport implements MessageTransport {
  constructor(private readonly settings: WebhookSettings) {}

  async send({ kind, to, code, expiresIn, subject, text }: Message, signal: AbortSignal): Promise<void> {
    const { url, secret } = this.settings;
    const body = JSON.stringify({ type: kind, to, code, expires_in: expiresIn, subject, text });
    const timestamp = String(Math.floor(Date.now() / 1000));
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        'latchkey-timestamp': timestamp,
        'latchkey-signature': `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`,
      },
      body,
      signal,
    });
    await response.body?.cancel();
    if (!response.ok) throw new WebhookRefusalError(response.status);
  }

  close(): void {
    // Its connections belong to `fetch`, which closes them.
  }
}
