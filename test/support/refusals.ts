import { ConfigurationError } from '@latchkey/platform/environment';
import type { Stack } from './stack.js';

/** What the start of a server was refused with. */
export async function refusalsOf(start: Promise<Stack>): Promise<readonly string[]> {
  const error: unknown = await start.then(
    async (stack) => {
      await stack.stop();
      return new Error('The server started');
    },
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConfigurationError)) throw error;
  return error.problems;
}
