/** Everything that is wrong with the configuration, one line each. Never contains a secret's value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(
    readonly source: string,
    readonly problems: readonly string[],
  ) {
    super(`${source} is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}
