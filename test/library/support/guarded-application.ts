import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  CurrentToken,
  FreshnessStatus,
  ResourceServerModule,
  type AccessToken,
  type FeedState,
  type ResourceServerOptions,
} from '@latchkey/resource-server';
import { FeedServer } from './feed-server.js';
import { AUDIENCE, IntrospectionServer, ISSUER } from './introspection-server.js';
import { recorder } from './protected-application.js';

@Controller()
class NotesController {
  @Get()
  read(@CurrentToken() token: AccessToken) {
    return { sub: token.subject, scope: token.scopes.toString() };
  }
}

export interface GuardedApplication {
  readonly introspection: IntrospectionServer;
  readonly feed: FeedServer;
  readonly status: FreshnessStatus;
  /** All that was logged, one entry a call. */
  readonly log: readonly string[];
  /** Status of a request with this token. */
  get(token: string): Promise<number>;
  /** What a request with this token finds in it. */
  read(token: string): Promise<unknown>;
  until(state: FeedState): Promise<void>;
  stop(): Promise<void>;
}

export interface GuardedOptions {
  feed?: Partial<FeedServer>;
  /** `false`: without feed. */
  revocationFeed?: Partial<NonNullable<ResourceServerOptions['revocationFeed']>> | false;
  options?: Partial<ResourceServerOptions>;
}

/** An application behind the guard, with stand-ins for introspection and feed. It waits for the feed to be live. */
export async function startGuarded({
  feed: feedSettings = {},
  revocationFeed = {},
  options = {},
}: GuardedOptions = {}): Promise<GuardedApplication> {
  const introspection = await IntrospectionServer.start();
  const feed = await FeedServer.start(feedSettings);
  const log: string[] = [];
  const application = await startApplication(
    {
      introspectionEndpoint: introspection.url,
      // A slow machine is not an outage.
      timeoutMs: 30_000,
      ...(revocationFeed !== false && { revocationFeed: { endpoint: feed.url, ...revocationFeed } }),
      ...options,
    },
    log,
  );
  const status = application.get(FreshnessStatus);
  const url = await application.getUrl();
  const call = (token: string): Promise<Response> =>
    fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const until = (state: FeedState) => untilState(status, state);
  if (revocationFeed !== false && revocationFeed.endpoint === undefined) await until('live');
  return {
    introspection,
    feed,
    status,
    log,
    get: async (token) => (await call(token)).status,
    read: async (token) => (await call(token)).json(),
    until,
    stop: async () => {
      await application.close();
      await introspection.stop();
      await feed.stop();
    },
  };
}

export function untilState(status: FreshnessStatus, state: FeedState): Promise<void> {
  if (status.feedState === state) return Promise.resolve();
  return new Promise((resolve) => {
    const end = status.onFeedStateChange((now) => {
      if (now !== state) return;
      end();
      resolve();
    });
  });
}

/** An application behind the guard alone. */
export async function startApplication(
  options: Partial<ResourceServerOptions>,
  log: string[] = [],
): Promise<NestFastifyApplication> {
  @Module({
    imports: [
      ResourceServerModule.register({
        clientId: 'api',
        clientSecret: 'the-secret',
        issuer: ISSUER,
        audience: AUDIENCE,
        ...options,
      }),
    ],
    controllers: [NotesController],
  })
  class ApplicationModule {}
  const application = await NestFactory.create<NestFastifyApplication>(
    ApplicationModule,
    new FastifyAdapter(),
    { logger: recorder(log), abortOnError: false },
  );
  await application.listen(0, '127.0.0.1');
  return application;
}
