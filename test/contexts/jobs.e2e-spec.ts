import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module, type OnModuleInit, type Type } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Interval, ScheduleModule } from '@nestjs/schedule';
import {
  accessTokenOf,
  Public,
  RequireScopes,
  type BearerError,
  type ResourceServerOptions,
} from '@latchkey/resource-server';
import { eventually } from '../support/eventually.js';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import { startApplication, type ProtectedApplication } from '../library/support/protected-application.js';

interface Job {
  readonly by?: string;
}

@Injectable()
class JobHandlers {
  send(job?: Job) {
    return job === undefined ? 'sent' : `sent for ${accessTokenOf(job)?.subject}`;
  }

  @RequireScopes('write')
  archive() {
    return 'archived';
  }

  @Public()
  sweep() {
    return 'swept';
  }
}

/** Calls its handlers as libraries for queues do. `http` is the type that Nest gives calls of which none is said. */
@Injectable()
class Queue implements OnModuleInit {
  readonly #handlers = new Map<string, (job?: Job) => Promise<unknown>>();

  constructor(
    private readonly contexts: ExternalContextCreator,
    private readonly handlers: JobHandlers,
  ) {}

  onModuleInit(): void {
    for (const name of ['send', 'archive', 'sweep'] as const) {
      for (const type of ['queue', 'http']) {
        const handler = this.contexts.create(
          this.handlers,
          Reflect.get(this.handlers, name) as (...parameters: unknown[]) => unknown,
          name,
          undefined,
          undefined,
          undefined,
          undefined,
          undefined,
          type,
        );
        this.#handlers.set(`${type} ${name}`, handler);
      }
    }
  }

  run(name: string, job?: Job): Promise<unknown> {
    return this.#handlers.get(name)!(job);
  }
}

const swept: string[] = [];

@Injectable()
class Sweeper {
  @Interval(10)
  sweep() {
    swept.push('all');
  }
}

@Injectable()
class GuardedSweeper {
  @Interval(10)
  @RequireScopes('admin')
  sweep() {
    swept.push('secretly');
  }
}

describe('Jobs of queues and schedules', () => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication | undefined;
  let queue: Queue;

  const start = async (options: Partial<ResourceServerOptions>, providers: Type[] = []) => {
    @Module({ providers: [JobHandlers, Queue] })
    class QueueModule {}
    application = await startApplication(
      [],
      { introspectionEndpoint: authorizationServer.url, ...options },
      (nest: NestFastifyApplication) => {
        if (providers.length === 0) queue = nest.get(Queue, { strict: false });
      },
      { imports: [ScheduleModule.forRoot(), ...(providers.length === 0 ? [QueueModule] : [])], providers },
    );
  };
  const requestOf: ResourceServerOptions['requestOf'] = (context) => {
    const { by } = context.getArgByIndex<Job | undefined>(0) ?? {};
    return by === undefined ? null : { headers: { authorization: `Bearer ${by}` } };
  };
  const failure = async (...parameters: Parameters<Queue['run']>) =>
    (await queue.run(...parameters).catch((error: unknown) => error)) as Error;

  beforeEach(async () => {
    swept.length = 0;
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('reader');
    authorizationServer.token('writer', { scope: 'write' });
  });

  afterEach(async () => {
    await application?.close();
    application = undefined;
    await authorizationServer.stop();
  });

  it.each(['queue', 'http'])(
    'are judged by the token that the application finds, as calls of %s',
    async (type) => {
      await start({ requestOf });
      expect(await queue.run(`${type} send`, { by: 'reader' })).toBe('sent for alice');
      expect(await queue.run(`${type} archive`, { by: 'writer' })).toBe('archived');
      const refused = (await failure(`${type} archive`, { by: 'reader' })) as BearerError;
      expect(refused.getResponse()).toMatchObject({ error: 'insufficient_scope' });
      const unknown = (await failure(`${type} send`, { by: 'made-up' })) as BearerError;
      expect(unknown.getStatus()).toBe(401);
      expect(application?.log.join('\n')).toContain('Refused with 403 at JobHandlers.archive: scope');
    },
  );

  it.each(['queue', 'http'])(
    'are refused where no token is found, unless they are public, as calls of %s',
    async (type) => {
      await start({ requestOf });
      for (const job of [undefined, {}]) {
        for (const name of ['send', 'archive']) {
          expect((await failure(`${type} ${name}`, job)).message).toBe(
            `JobHandlers.${name} is not public, and it is not known where its token is in a call of the type "${type}": mark it @Public(), or map its context with the option requestOf of ResourceServerModule`,
          );
        }
      }
      expect(await queue.run(`${type} sweep`)).toBe('swept');
    },
  );

  it('of a schedule run without guards and tokens', async () => {
    await start({}, [Sweeper]);
    await eventually(() => expect(swept).toContain('all'));
  });

  it.each([{}, { requestOf }])('of a schedule cannot require anything: %j', async (options) => {
    await expect(start(options, [GuardedSweeper])).rejects.toThrow(
      'GuardedSweeper.sweep requires something of tokens, and nothing would check it',
    );
    expect(swept).toEqual([]);
  });
});
