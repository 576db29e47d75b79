import { Module, type LoggerService, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
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

/** A tiny application that uses the library as any team would, on Fastify and a real port. */
export async function startApplication(
  controllers: Type[],
  options: Pick<ResourceServerOptions, 'introspectionEndpoint'> & Partial<ResourceServerOptions>,
  configure: (application: NestFastifyApplication) => void = () => undefined,
): Promise<ProtectedApplication> {
  const settings = {
    clientId: 'api',
    clientSecret: 'the-secret',
    issuer: ISSUER,
    audience: AUDIENCE,
    ...options,
  };
  @Module({
    imports: [ResourceServerModule.registerAsync({ useFactory: () => Promise.resolve(settings) })],
    controllers,
  })
  class ApplicationModule {}

  const log: string[] = [];
  const application = await NestFactory.create<NestFastifyApplication>(
    ApplicationModule,
    new FastifyAdapter(),
    {
      logger: recorder(log),
      abortOnError: false,
    },
  );
  configure(application);
  await application.listen(0, '127.0.0.1');
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

function recorder(log: string[]): LoggerService {
  const record = (...parts: unknown[]) => void log.push(parts.map(String).join(' '));
  return { log: record, error: record, warn: record, debug: record, verbose: record, fatal: record };
}
