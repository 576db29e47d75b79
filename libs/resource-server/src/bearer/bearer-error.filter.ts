import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { throwError } from 'rxjs';
import { BearerError } from '../refusals/bearer-error.js';
import { isHttpRequest } from '../request/context-requests.js';
import { Refusals } from '../refusals/refusals.js';
import { ResourceServerSettings } from '../options/resource-server-settings.js';

/** Answers a {@link BearerError}, including one from a handler or a guard of the application. */
@Catch(BearerError)
export class BearerErrorFilter implements ExceptionFilter<BearerError> {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly settings: ResourceServerSettings,
    private readonly refusals: Refusals,
  ) {}

  catch(error: BearerError, host: ArgumentsHost): unknown {
    this.refusals.record(error, 'a handler');
    if (host.getType() === 'rpc') return throwError(() => error.toMessage());
    // GraphQL and other transports send the error itself.
    if (host.getType() !== 'http' || !isHttpRequest(host.getArgByIndex(0))) throw error;
    const { httpAdapter } = this.adapterHost;
    const response: unknown = host.switchToHttp().getResponse();
    for (const [name, value] of Object.entries(error.headers(this.settings.challenge))) {
      httpAdapter.setHeader(response, name, value);
    }
    httpAdapter.reply(response, error.getResponse(), error.getStatus());
    return undefined;
  }
}
