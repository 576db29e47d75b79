import { CliError } from '../cli-error.js';
import { EXIT, type ExitStatus } from '../exit-status.js';
import { visible } from '../output/visible.js';

/** A refusal of the administration API (RFC 9457) or of the token endpoint (RFC 6749 section 5.2). */
interface Refusal {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly field: string; readonly problem: string }[];
  readonly error?: string;
  readonly error_description?: string;
}

/** The server refused, and said why. */
export class RefusalError extends CliError {
  constructor(
    /** As the server says it. */
    readonly reason: string,
    /** Every wrong field. */
    readonly fields: readonly { readonly field: string; readonly problem: string }[],
    /** Of the answer. */
    readonly httpStatus: number,
    advice: string | null,
  ) {
    const lines = fields.map(({ field, problem }) => `\n  ${visible(`${field}: ${problem}`)}`);
    super(`The server refused: ${visible(reason)}${lines.join('')}`, statusOf(httpStatus), advice);
  }
}

/** What the server's refusal means, in words, with every wrong field on a line of its own. */
export function explainRefusal(status: number, answer: unknown): RefusalError {
  const refusal = (typeof answer === 'object' && answer !== null ? answer : {}) as Refusal;
  const reason = refusal.detail ?? refusal.title ?? refusal.error_description ?? `it answered ${status}`;
  return new RefusalError(reason, refusal.errors ?? [], status, adviceOn(status));
}

export function unreachable(url: string, error: unknown): CliError {
  const { cause, message } = error as Error;
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : message;
  return new CliError(
    `${url} cannot be reached: ${reason}`,
    EXIT.unreachable,
    'See that the server runs and that LATCHKEY_URL, or the URL of the profile, is right.',
    { cause: error },
  );
}

function statusOf(status: number): ExitStatus {
  if (status === 401 || status === 403) return EXIT.unauthorized;
  return status === 503 ? EXIT.unreachable : EXIT.failed;
}

function adviceOn(status: number): string | null {
  switch (status) {
    case 401:
      return 'See that the client exists, is enabled, may use client_credentials, and that its secret is right.';
    case 403:
      return 'Act as a client that has the administrative scope for this.';
    case 412:
      return 'Somebody else changed it meanwhile. Look at it again, and repeat the command.';
    case 503:
      return 'The server is busy or starts; try again in a moment.';
    default:
      return null;
  }
}
