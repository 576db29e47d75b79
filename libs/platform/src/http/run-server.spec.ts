import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';

/** As built, for a process of its own. */
const module = new URL('../../dist/http/run-server.js', import.meta.url);

describe('runServer', () => {
  it('starts a server whose log nobody takes', () => {
    // Nothing here keeps the process: it must not end while it waits for the log.
    const script = `
      import { runServer } from ${JSON.stringify(module.href)};
      const application = {
        init: () => Promise.resolve(),
        listen: () => console.log('listens'),
        getHttpServer: () => ({ address: () => ({ port: 1 }) }),
      };
      const logger = { flush: () => undefined, info: () => undefined };
      const settings = { host: '127.0.0.1', port: 0, tls: null, shutdown: { delay: 0, timeout: 1 } };
      await runServer(() => Promise.resolve({ application, logger, settings }));`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', script],
      {
        encoding: 'utf8',
      },
    );
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'listens\n', stderr: '' });
  });
});
