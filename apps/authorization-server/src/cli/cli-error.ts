/** Why a command fails, as a message for people. Never contains a secret. */
export class CliError extends Error {
  override readonly name = 'CliError';

  /** @param advice what to do next */
  constructor(
    message: string,
    readonly status: ExitStatus = EXIT.failed,
    readonly advice: string | null = null,
    options: ErrorOptions = {},
  ) {
    super(message, options);
  }

  static usage(message: string, advice: string | null = null): CliError {
    return new CliError(message, EXIT.usage, advice);
  }
}

/** The exit statuses. Scripts rely on them, so the meaning of a status never changes. */
export const EXIT = {
  ok: 0,
  /** The command was refused, or it failed. */
  failed: 1,
  /** Arguments or environment are invalid; nothing was tried. */
  usage: 2,
  /** The server or the database does not answer. */
  unreachable: 3,
  /** The server does not know the client, or the client lacks the permission. */
  unauthorized: 4,
  /** Ctrl-C, with the status that shells use. */
  interrupted: 130,
  /** The reader of the output closed it, with the status that shells use. */
  brokenPipe: 141,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** What each status means, for the reference. */
export const EXIT_STATUS_MEANINGS: readonly (readonly [ExitStatus, string])[] = [
  [EXIT.ok, 'done'],
  [EXIT.failed, 'refused or failed; the message says why'],
  [EXIT.usage, 'the arguments or the environment are not usable; nothing was tried'],
  [EXIT.unreachable, 'the server or the database cannot be reached; try again later'],
  [EXIT.unauthorized, 'the server does not know the client, or the client may not do this'],
  [EXIT.interrupted, 'interrupted with Ctrl-C'],
  [EXIT.brokenPipe, 'the reader of the output went away'],
];
