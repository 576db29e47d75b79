import { readFile } from 'node:fs/promises';
import { ConfigurationError, decodeText, NOT_UTF8 } from '@latchkey/platform/environment';

/** A configuration file that was read and not yet understood. */
export interface ConfigurationFile {
  /** What to call it in messages: its path. */
  readonly source: string;
  readonly text: string;
}

/** @throws ConfigurationError when it cannot be read */
export async function readConfigurationFile(path: string): Promise<ConfigurationFile> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new ConfigurationError(path, [
      `it cannot be read (${(error as { code?: string }).code ?? 'unknown'})`,
    ]);
  }
  const text = decodeText(bytes);
  if (text === null) throw new ConfigurationError(path, [`it ${NOT_UTF8}`]);
  return { source: path, text };
}
