import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { MalformedPathAnswer } from '@latchkey/platform/http';
import { Problem } from '../admin/problem.js';
import { ProblemFilter } from '../admin/problem.filter.js';
import { OAuthErrorFilter } from '../oauth/common/oauth-error.filter.js';

const ADMINISTRATION = /^\/admin(?:[/?]|$)/;

/** Answers failures in the form of each API, including failures before a controller is called. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #problems = new ProblemFilter();
  readonly #oauthErrors = new OAuthErrorFilter();

  catch(exception: unknown, host: ArgumentsHost): void {
    const { routeOptions, url } = host.switchToHttp().getRequest<FastifyRequest>();
    const filter = ADMINISTRATION.test(routeOptions.url ?? url) ? this.#problems : this.#oauthErrors;
    filter.catch(exception, host);
  }
}

/** The same for a path that cannot be decoded, which bypasses all filters. */
export function malformedPathAnswer(url: string): MalformedPathAnswer | null {
  if (!ADMINISTRATION.test(url)) return null;
  const body = Problem.malformed('The request path is malformed').toResponse();
  return { contentType: 'application/problem+json', body };
}
