import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FreshnessStatus } from '@latchkey/resource-server';
import { FeedServer } from './feed-server.js';
import { untilState } from './guarded-application.js';
import { IntrospectionServer } from './introspection-server.js';
import { JwtIssuer } from './jwt-issuer.js';
import { startApplication, type ProtectedApplication } from './protected-application.js';

/** An application that validates tokens itself, with everything that it needs for that. */
export interface ValidatingApplication {
  readonly feed: FeedServer;
  readonly issuer: JwtIssuer;
  readonly application: ProtectedApplication;
  stop(): Promise<void>;
}

/** Starts it, and waits until its feed is live: before, it asks about tokens. */
export async function startValidating(controllers: Type[]): Promise<ValidatingApplication> {
  const authorizationServer = await IntrospectionServer.start();
  const feed = await FeedServer.start();
  const issuer = await JwtIssuer.start();
  let nest: NestFastifyApplication | undefined;
  const application = await startApplication(
    controllers,
    {
      introspectionEndpoint: authorizationServer.url,
      revocationFeed: { endpoint: feed.url },
      validation: 'local',
      jwks: { uri: issuer.url },
    },
    (created) => (nest = created),
  );
  if (nest !== undefined) await untilState(nest.get(FreshnessStatus), 'live');
  return {
    feed,
    issuer,
    application,
    stop: async () => {
      await application.close();
      await issuer.stop();
      await feed.stop();
      await authorizationServer.stop();
    },
  };
}
