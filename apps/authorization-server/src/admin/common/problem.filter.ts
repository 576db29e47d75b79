import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toProblem } from './to-problem.js';

/** Answers every failure of the administration API with problem details (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { log } = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = toProblem(exception);
    const { status, code, detail, headers, cause } = problem;
    const fields = { error: code, status, detail, ...(cause !== undefined && { err: cause }) };
    if (status >= 500) log.error(fields, 'request failed');
    else log.info(fields, 'request refused');
    void reply
      .status(status)
      .headers(headers)
      .header('content-type', 'application/problem+json')
      .send(JSON.stringify(problem.toResponse()));
  }
}
