import { UnsupportedMediaTypeException } from '@nestjs/common';
import { announcesBody } from '@latchkey/platform/http';
import { RouteConfig, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { FormParameters } from './form-parameters.js';
import { OAuthError } from './oauth-error.js';

const FORM = 'application/x-www-form-urlencoded';

const JSON_TYPE = 'application/json';

/** Types that clients send by mistake, often because their HTTP library chooses them. */
const OTHER_TYPES = ['multipart/form-data', JSON_TYPE, 'text/plain'];

/**
 * The paths of Auth0's API. They also accept JSON, whatever its type: some of Auth0's published commands do not set the
 * type, and curl then declares a form.
 */
const AUTH0_PATH = '/mfa/';
const OPENING_BRACE = 0x7b;

/** Marks an endpoint that reads its parameters from a form body only. */
export const TakesForm = (): MethodDecorator => RouteConfig({ takesForm: true });

/**
 * Reads forms, strictly and in UTF-8 (RFC 6749 section 3.2, appendix B), on the routes that are marked with
 * {@link TakesForm}, and refuses them on all others. Call it before the application registers its routes.
 */
export function parseFormBodies(application: NestFastifyApplication): void {
  const fastify = application.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<Buffer>(
    FORM,
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      assertUtf8(request.headers['content-type'] ?? '');
      // In this order, because reading the route of a request creates an object with all route options.
      const isJson = body[0] === OPENING_BRACE && isForAuth0(request);
      return isJson ? FormParameters.parseJson(body) : FormParameters.parse(body);
    },
  );
  fastify.addHook('onRoute', (route) => {
    const { takesForm = false } = (route.config ?? {}) as { takesForm?: boolean };
    route.onRequest = [
      ...[route.onRequest ?? []].flat(),
      (request, _reply, done) => {
        if (!takesForm) {
          if (isForm(request)) throw new UnsupportedMediaTypeException();
        } else {
          assertNoQuery(request);
          // Without a body the parser does not run.
          if (announcesBody(request.raw)) assertParameters(request);
          else request.body = FormParameters.NONE;
        }
        done();
      },
    ];
  });
}

/** Whether the path is an alias for clients of Auth0. */
export function isForAuth0({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.url?.startsWith(AUTH0_PATH) === true;
}

function isForm(request: FastifyRequest): boolean {
  return request.headers['content-type'] === FORM || isOfType(request, FORM);
}

function isOfType({ headers }: FastifyRequest, type: string): boolean {
  return headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() === type;
}

/**
 * A query is always refused: it ends up in logs and histories, and often contains credentials (RFC 6749 section 2.3.1).
 */
function assertNoQuery({ url }: FastifyRequest): void {
  if (url.includes('?')) throw OAuthError.invalidRequest('Parameters must be in the body, not in the query');
}

function assertParameters(request: FastifyRequest): void {
  if (isForm(request) || (isForAuth0(request) && isOfType(request, JSON_TYPE))) return;
  const type = request.headers['content-type'];
  const other = OTHER_TYPES.find((name) => type?.toLowerCase().startsWith(name));
  const found =
    type === undefined ? 'The Content-Type is missing' : `The body is ${other ?? 'of another type'}`;
  throw OAuthError.invalidRequest(`${found}; send the parameters as ${FORM}`);
}

function assertUtf8(contentType: string): void {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(contentType)?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw OAuthError.invalidRequest('The body must be in UTF-8');
  }
}
