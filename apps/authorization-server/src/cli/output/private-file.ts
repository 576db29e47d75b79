import { open, rename, rm } from 'node:fs/promises';
import { CliError } from '../cli-error.js';

/**
 * Writes a file that only its owner can read, completely or not at all.
 *
 * @throws CliError when it cannot be written
 */
export async function writePrivateFile(
  path: string,
  produce: (write: (text: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(unfinished, 'wx', 0o600);
    try {
      // Not write(), which may write only a part when the disk is full.
      await produce((text) => file.appendFile(text));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw error;
    throw new CliError(`${path} cannot be written (${code})`, undefined, null, { cause: error });
  }
}
