import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogController, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { NestLogger } from '../logging/nest-logger.js';
import { logRequests } from './log-requests.js';

export const REQUEST_ID_HEADER = 'x-request-id';

/** Largest request body, in bytes. */
const BODY_LIMIT = 64 * 1024;

/** A client that sends its request drop by drop must not keep a socket for ever. Fastify's default is to wait. */
const REQUEST_TIMEOUT_MS = 30_000;

export interface HttpOptions {
  logger: Logger;
  /** Which hops in front of the server are believed about the peer's address (Fastify's `trustProxy`). */
  trustProxy: boolean | string[];
}

/**
 * Creates a Nest application on Fastify with what both servers agree on: a request id of our own on every response,
 * one log line a request, bounded bodies, no body parser but those that the application adds.
 */
export async function createHttpApplication(
  module: Parameters<typeof NestFactory.create>[0],
  { logger, trustProxy }: HttpOptions,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: () => randomUUID(),
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    trustProxy,
    frameworkErrors: refuseUnroutable,
  });
  const application = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  const fastify = application.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.header(REQUEST_ID_HEADER, request.id);
  });
  logRequests(fastify, logger);
  return application;
}

/** A path that cannot be decoded reaches neither hooks nor the application's error handling. */
function refuseUnroutable(_error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  void reply
    .status(400)
    .header(REQUEST_ID_HEADER, request.id)
    .header('cache-control', 'no-store')
    .send({ error: 'invalid_request', error_description: 'The request path is malformed' });
}
