import { EXIT, type ExitStatus } from './exit-status.js';

/** Why a command ends without success, in words for people. Never contains a secret. */
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
