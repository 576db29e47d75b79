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

const REQUEST_ID_HEADER = 'x-request-id';

/** Largest request body, in bytes. */
const BODY_LIMIT = 64 * 1024;

/** Largest request header, in bytes. */
const HEADER_LIMIT = 16 * 1024;

/** A header takes one or two packets; an honest client needs no more time. */
const HEADER_TIMEOUT_MS = 10_000;

/** Interval of the check for slow clients. */
const TIMEOUT_CHECK_MS = 1000;

/** Longer than the 60 s of common proxies, so that the proxy closes an idle connection, and never during a request. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;

/** For a connection without any transfer, such as that of a client which does not read its response. */
const STALLED_TIMEOUT_MS = 120_000;

/** Names in a path may have 255 characters, each of which may be percent-encoded. */
const MAX_PATH_PARAMETER = 3 * 255;

declare module 'fastify' {
  interface FastifyRequest {
    /** The sender, see {@link remoteAddressOf}. Fastify's own `ip` is an unchecked text from a header. */
    remoteAddress: string;
  }
}

interface HttpOptions {
  logger: Logger;
  /** The registry for the metrics of requests. */
  registry: Registry;
  settings: HttpSettings;
  /** The trusted hops in front of the server: all, none, or addresses and ranges (see {@link isAddressRange}). */
  trustProxy: boolean | readonly string[];
  /** The response with status 400 for a path that cannot be decoded, if it is not in the usual form. */
  malformedPath?: (url: string) => MalformedPathAnswer | null;
}

export interface MalformedPathAnswer {
  readonly contentType: string;
  readonly body: object;
}

/**
 * Creates a Nest application on Fastify with the common settings of both servers: an own request id on every response,
 * one log line per request, limits for headers, bodies, times and connections, and no body parsers except those that
 * the application adds. Its module imports {@link LifecycleModule}.
 */
export async function createHttpApplication(
  module: Parameters<typeof NestFactory.create>[0],
  { logger, registry, settings, trustProxy, malformedPath = () => null }: HttpOptions,
): Promise<NestFastifyApplication> {
  const trust = trustOf(trustProxy);
  const adapter = new FastifyAdapter({
    ...nodeServerOptions(settings),
    // There is no middleware, so requests need not pass through its machinery.
    skipMiddie: true,
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: () => randomUUID(),
    bodyLimit: BODY_LIMIT,
    requestTimeout: settings.requestTimeout * 1000,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionTimeout: STALLED_TIMEOUT_MS,
    // A request that arrives while the listener closes is answered as usual.
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
  // Without Fastify's empty options, for which pino would set the level of each child again.
  fastify.setChildLoggerFactory((parent, bindings) => parent.child(bindings));
  fastify.decorateRequest('remoteAddress', '');
  fastify.addHook('onRequest', (request, reply, done) => {
    request.remoteAddress = remoteAddressOf(request.raw, trust);
    void reply.header(REQUEST_ID_HEADER, request.id);
    assertHost(request.raw);
    // Many clients send it with every request; without a body it has no meaning.
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
    // Node.js would answer without a body; see below.
    requireHostHeader: false,
  };
  return tls === null ? { http: options } : { https: { ...options, ...loadKeyPair(tls) } };
}

const MALFORMED_PATH: MalformedPathAnswer = {
  contentType: 'application/json; charset=utf-8',
  body: { error: 'invalid_request', error_description: 'The request path is malformed' },
};

/** A path that cannot be decoded bypasses the hooks and the application's error handling. */
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
