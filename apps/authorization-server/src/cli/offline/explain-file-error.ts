import { DamagedDatabaseError } from '@latchkey/platform/database';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-status.js';
import { explainingErrors } from './explain-offline-error.js';

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'there is such a file already, and it is not overwritten',
  ENOENT: 'there is no such file or folder',
  EACCES: 'access is denied',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
};

/** Does something with a database file, and explains what is wrong with the file. @throws CliError */
export function explainingFileErrors<T>(file: string, work: () => Promise<T>): Promise<T> {
  return explainingErrors(async () => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DamagedDatabaseError) {
        throw new CliError(error.message, EXIT.failed, null, { cause: error });
      }
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (code === undefined || syscall === undefined) throw error;
      const reason = REASONS[code] ?? code;
      throw new CliError(`${file} cannot be used: ${reason}`, EXIT.failed, null, { cause: error });
    }
  });
}
