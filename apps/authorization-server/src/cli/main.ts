import { EXIT } from './cli-error.js';
import { runCommandLine } from './program.js';
import { Terminal } from './terminal.js';

// The files that commands write contain hashes and secrets, and only their owner may read them.
process.umask(0o077);

// `latchkey ... | head` ends when its reader closes the pipe, without a message.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.brokenPipe);
  });
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  terminal: new Terminal(process.stdin, process.stdout, process.stderr),
  environment: process.env,
});
