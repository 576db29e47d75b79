import { readFile } from 'node:fs/promises';
import { ConfigurationError } from '@latchkey/platform';

/** A configuration file that was read and not yet understood. */
export interface ConfigurationFile {
  /** What to call it in messages: its path. */
  readonly source: string;
  readonly text: string;
}

/** @throws ConfigurationError when it cannot be read */
export async function readConfigurationFile(path: string): Promise<ConfigurationFile> {
  try {
    return { source: path, text: await readFile(path, 'utf8') };
  } catch (error) {
    throw new ConfigurationError(path, [
      `it cannot be read (${(error as { code?: string }).code ?? 'unknown'})`,
    ]);
  }
}
