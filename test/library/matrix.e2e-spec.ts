import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { startMatrixApplication, startMessages } from './matrix/application/application.js';
import { MATRIX_CALLS, playMessages, playSockets } from './matrix/calls.js';
import { MatrixServer } from './matrix/matrix-server.js';
import { observed, play } from './matrix/play.js';
import { MATRIX_REQUESTS } from './matrix/requests.js';
import { PLATFORMS } from './support/protected-application.js';

/** `test/full/nest-versions` plays the same requests on other versions of Nest. */
describe.each(PLATFORMS)('An application with everything that a guard meets, on %s', (platform) => {
  let server: MatrixServer;
  let application: INestApplication;

  beforeAll(async () => {
    server = await MatrixServer.start();
    application = await startMatrixApplication(platform, server.options);
    await server.revoke(await application.getUrl());
  });

  afterAll(async () => {
    await application.close();
    await server.stop();
  });

  it('judges sockets and messages', async () => {
    expect(await playSockets(platform, await application.getUrl())).toEqual(MATRIX_CALLS.sockets);
    expect(await playMessages(await startMessages(application))).toEqual(MATRIX_CALLS.messages);
  });

  it.each(MATRIX_REQUESTS)('$method $path $headers: $status $says', async (asked) => {
    const answer = await play(await application.getUrl(), asked);
    expect(observed(asked, answer)).toEqual(asked);
  });
});
