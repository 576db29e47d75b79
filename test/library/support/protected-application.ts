import { Module, type LoggerService, type ModuleMetadata, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ResourceServerModule, type ResourceServerOptions } from '@latchkey/resource-server';
import { AUDIENCE, ISSUER } from './introspection-server.js';

export interface ProtectedApplication {
  url: string;
  /** All that was logged, one entry a call. */
  log: string[];
  /** Sends a request with `token` in the Authorization header. */
  call(path: string, token?: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export const PLATFORMS = ['fastify', 'express'] as const;

interface Surroundings extends Pick<ModuleMetadata, 'imports' | 'providers'> {
  /** What Nest runs on; Fastify unless said. */
  platform?: (typeof PLATFORMS)[number];
}

/**
 * Options of an application that follows the feed, and asks about a token in the same time at most.
 *
 * @param maxStalenessMs the default is longer than a slow machine stands still, which would end every watched token
 */
export function followsFeed(
  { url: introspectionEndpoint }: { url: string },
  { url: endpoint }: { url: string },
  maxStalenessMs = 30_000,
) {
  return { introspectionEndpoint, timeoutMs: maxStalenessMs, revocationFeed: { endpoint, maxStalenessMs } };
}

/** A tiny application that uses the library as any team would, on a real port. */
export async function startApplication(
  controllers: Type[],
  options: Partial<ResourceServerOptions>,
  configure: (application: NestFastifyApplication) => void = () => undefined,
  { platform = 'fastify', imports = [], providers = [] }: Surroundings = {},
): Promise<ProtectedApplication> {
  const settings = {
    clientId: 'api',
    clientSecret: 'the-secret',
    issuer: ISSUER,
    audience: AUDIENCE,
    ...options,
  };
  @Module({
    imports: [
      ResourceServerModule.registerAsync({ useFactory: () => Promise.resolve(settings) }),
      ...imports,
    ],
    controllers,
    providers,
  })
  class ApplicationModule {}

  const log: string[] = [];
  const application = await NestFactory.create<NestFastifyApplication>(
    ApplicationModule,
    platform === 'fastify' ? new FastifyAdapter() : new ExpressAdapter(),
    {
      logger: recorder(log),
      abortOnError: false,
    },
  );
  try {
    configure(application);
    await application.listen(0, '127.0.0.1');
  } catch (error) {
    await application.close();
    throw error;
  }
  const url = await application.getUrl();
  return {
    url,
    log,
    call: (path, token, init = {}) => {
      const headers = new Headers(init.headers);
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
      return fetch(url + path, { ...init, headers });
    },
    close: () => application.close(),
  };
}

export function recorder(log: string[]): LoggerService {
  const record = (...parts: unknown[]) => void log.push(parts.map(String).join(' '));
  return { log: record, error: record, warn: record, debug: record, verbose: record, fatal: record };
}
