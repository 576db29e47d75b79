import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { FreshnessStatus, type ResourceServerOptions } from '@latchkey/resource-server';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { answerJson, IntrospectionServer } from '../library/support/introspection-server.js';
import { startApplication, type ProtectedApplication } from '../library/support/protected-application.js';
import { eventually } from '../support/eventually.js';

@Controller()
class NotesController {
  @Get()
  read() {
    return { notes: [] };
  }
}

describe('Bad tokens, however many, keep no good one out', () => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;
  let nest: NestFastifyApplication;

  const start = async (options: Partial<ResourceServerOptions> = {}) => {
    application = await startApplication(
      [NotesController],
      { introspectionEndpoint: authorizationServer.url, ...options },
      (created) => (nest = created),
    );
  };
  const status = async (token: string) => (await application.call('/', token)).status;

  beforeEach(async () => {
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('good');
  });

  afterEach(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  it('an authorization server that says 429 to them goes on to be asked about others', async () => {
    await start();
    let refusals = 0;
    authorizationServer.misbehave((response, _request, token) => {
      if (token === 'good') return answerJson(response, authorizationServer.claims(token));
      refusals++;
      response.writeHead(429, { 'retry-after': '1' }).end();
    });
    for (let index = 0; index < 50; index++) expect(await status(`made-up-${index}`)).toBe(503);
    expect(refusals).toBe(50);
    expect(await status('good')).toBe(200);
  });

  it('the same one is one question', async () => {
    await start({ cache: { negativeTtlMs: 60_000 } });
    for (let times = 0; times < 100; times++) expect(await status('made-up')).toBe(401);
    expect(authorizationServer.asked).toHaveLength(1);
  });

  it('what is known of a token that is repeated is not pushed out by others that are made up', async () => {
    await start({ cache: { maxNegativeEntries: 10, negativeTtlMs: 60_000 } });
    expect(await status('repeated')).toBe(401);
    for (let index = 0; index < 100; index++) {
      expect(await status(`made-up-${index}`)).toBe(401);
      expect(await status('repeated')).toBe(401);
    }
    expect(authorizationServer.asked).toHaveLength(101);
  });

  it('requests at once with one token are one question', async () => {
    await start({ timeoutMs: 30_000 });
    let answer = (): void => undefined;
    authorizationServer.misbehave((response) => {
      answer = () => answerJson(response, authorizationServer.claims('good'));
    });
    const answers = Array.from({ length: 20 }, () => status('good'));
    await eventually(() => expect(nest.get(FreshnessStatus).counters.shared).toBe(19));
    authorizationServer.misbehave(null);
    answer();
    expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
    expect(authorizationServer.asked).toHaveLength(1);
  });
});
