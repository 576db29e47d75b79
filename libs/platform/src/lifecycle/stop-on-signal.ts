import { setTimeout as pause } from 'node:timers/promises';
import { isatty } from 'node:tty';
import type { INestApplicationContext } from '@nestjs/common';
import type { Logger } from 'pino';
import { Drain } from './drain.js';
import type { ShutdownSettings } from './shutdown-settings.js';

/**
 * Drains the server on SIGTERM or SIGINT and ends the process: status 0 when every request was answered and the
 * database is closed, 1 when that took too long. Repeating the same signal ends the process at once. A different signal
 * does not, because Ctrl-C reaches a whole process group, whose leader may pass it on. SIGHUP does the same if it means
 * that the terminal of the server was closed.
 *
 * @param reload what SIGHUP does otherwise
 */
export function stopOnSignal(
  application: INestApplicationContext,
  logger: Logger,
  settings: ShutdownSettings,
  reload: () => void,
): void {
  const terminal = [0, 1, 2].find(isatty);
  const received = new Set<NodeJS.Signals>();
  const stop = (signal: NodeJS.Signals): void => {
    if (received.has(signal)) {
      logger.error({ signal }, 'stopped at once: the signal came twice');
      process.exit(1);
    }
    received.add(signal);
    if (received.size > 1) return;
    logger.info({ signal, delay: settings.delay, timeout: settings.timeout }, 'stopping');
    drain(application, logger, settings).then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'could not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // The descriptor of a closed terminal is no longer a terminal.
  process.on('SIGHUP', () => (terminal === undefined || isatty(terminal) ? reload() : stop('SIGHUP')));
}

async function drain(
  application: INestApplicationContext,
  logger: Logger,
  { delay, timeout }: ShutdownSettings,
): Promise<void> {
  application.get(Drain).begin();
  await pause(delay * 1000);
  setTimeout(() => {
    logger.error({ timeout }, 'stopped with requests in flight: they took too long');
    process.exit(1);
  }, timeout * 1000);
  await application.close();
  logger.info('stopped');
}
