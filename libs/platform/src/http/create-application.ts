import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogController, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { NestLogger } from '../logging/nest-logger.js';
import { Drain } from '../lifecycle/drain.js';
import { parseAddress, remoteAddressOf, trustIn, type Trust } from './address.js';
import { answerBadHttp, refuseTunnel } from './answer-bad-http.js';
import type { HttpSettings } from './http-settings.js';
import { leaveConnections } from './leave-connections.js';
import { limitConnections } from './limit-connections.js';
import { logRequests } from './log-requests.js';
import { measureRequests } from './measure-requests.js';
import { announcesBody, assertHost } from './request-head.js';
import { setSecurityHeaders } from './security-headers.js';
import { loadKeyPair } from './tls.js';

export const REQUEST_ID_HEADER = 'x-request-id';

/** Largest request body, in bytes. */
const BODY_LIMIT = 64 * 1024;

/** Largest request header, in bytes. */
const HEADER_LIMIT = 16 * 1024;

/** A header is a packet or two; an honest client needs no more. */
const HEADER_TIMEOUT_MS = 10_000;

/** How often slow clients are looked for. */
const TIMEOUT_CHECK_MS = 1000;

/** Longer than the 60 s of the usual proxies, so that it is they who close an idle connection, and never under a request. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/** A connection on which nothing moves, such as that of a client which does not read its answer. */
const STALLED_TIMEOUT_MS = 120_000;

/** Names in a path may have 255 characters, each of which may be percent-encoded. */
const MAX_PATH_PARAMETER = 3 * 255;

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent the request, as {@link remoteAddressOf} finds it. Fastify's own `ip` is what a header says, whatever that is. */
    remoteAddress: string;
  }
}

export interface HttpOptions {
  logger: Logger;
  /** Where the metrics of requests are registered. */
  registry: Registry;
  settings: HttpSettings;
  /** Which hops in front of the server are believed: all, none, or addresses and ranges (see {@link isAddressRange}). */
  trustProxy: boolean | readonly string[];
  /** How a path that cannot be decoded is refused, with status 400, where it is not in the usual form. */
  malformedPath?: (url: string) => MalformedPathAnswer | null;
}

export interface MalformedPathAnswer {
  readonly contentType: string;
  readonly body: object;
}

/**
 * Creates a Nest application on Fastify with what both servers agree on: a request id of our own on every response,
 * one log line a request, bounded headers, bodies, times and connections, no body parser but those that the application
 * adds. Its module imports {@link LifecycleModule}.
 */
export async function createHttpApplication(
  module: Parameters<typeof NestFactory.create>[0],
  { logger, registry, settings, trustProxy, malformedPath = () => null }: HttpOptions,
): Promise<NestFastifyApplication> {
  const trust = trustOf(trustProxy);
  const adapter = new FastifyAdapter({
    ...nodeServerOptions(settings),
    // Nothing here is middleware, and so no request has to go through the machinery for it.
    skipMiddie: true,
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: () => randomUUID(),
    bodyLimit: BODY_LIMIT,
    requestTimeout: settings.requestTimeout * 1000,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionTimeout: STALLED_TIMEOUT_MS,
    // A request that slipped in while the listener closes is answered like any other.
    return503OnClosing: false,
    clientErrorHandler: answerBadHttp,
    routerOptions: { maxParamLength: MAX_PATH_PARAMETER },
    trustProxy: trust === null ? false : (hop) => trust(parseAddress(hop) ?? ''),
    frameworkErrors: refuseUnroutable(malformedPath),
  });
  const application = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  const fastify = application.getHttpAdapter().getInstance();
  limitConnections(fastify, settings.maxConnections, trust, registry, logger);
  // Without Fastify's empty options, for which pino would set the level of each child anew.
  fastify.setChildLoggerFactory((parent, bindings) => parent.child(bindings));
  fastify.decorateRequest('remoteAddress', '');
  fastify.addHook('onRequest', (request, reply, done) => {
    request.remoteAddress = remoteAddressOf(request.raw, trust);
    void reply.header(REQUEST_ID_HEADER, request.id);
    assertHost(request.raw);
    // Many clients send one with every request; it says nothing where there is no body.
    if (!announcesBody(request.raw)) delete request.raw.headers['content-type'];
    done();
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    setSecurityHeaders(request, reply);
    done(null, payload);
  });
  fastify.server.on('connect', refuseTunnel);
  leaveConnections(fastify, application.get(Drain));
  logRequests(fastify, logger);
  measureRequests(fastify, registry);
  return application;
}

function trustOf(hops: HttpOptions['trustProxy']): Trust | null {
  if (hops === false) return null;
  return hops === true ? () => true : trustIn(hops);
}

function nodeServerOptions({ tls, requestTimeout }: HttpSettings): { http: object } | { https: object } {
  const options = {
    maxHeaderSize: HEADER_LIMIT,
    headersTimeout: Math.min(HEADER_TIMEOUT_MS, requestTimeout * 1000),
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    // Node.js would refuse without a body; see below.
    requireHostHeader: false,
  };
  return tls === null ? { http: options } : { https: { ...options, ...loadKeyPair(tls) } };
}

const MALFORMED_PATH: MalformedPathAnswer = {
  contentType: 'application/json; charset=utf-8',
  body: { error: 'invalid_request', error_description: 'The request path is malformed' },
};

/** A path that cannot be decoded reaches neither hooks nor the application's error handling. */
function refuseUnroutable(answerTo: NonNullable<HttpOptions['malformedPath']>) {
  return (_error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { contentType, body } = answerTo(request.url) ?? MALFORMED_PATH;
    setSecurityHeaders(request, reply);
    void reply
      .status(400)
      .header(REQUEST_ID_HEADER, request.id)
      .header('content-type', contentType)
      .send(JSON.stringify(body));
  };
}
