import { applyDecorators, HttpCode, UseGuards } from '@nestjs/common';
import { Public } from '@latchkey/resource-server';
import { NoParametersGuard } from '../common/no-parameters.guard.js';
import { TakesForm } from '../common/parse-form-bodies.js';
import { ClientAuthenticationGuard } from './client-authentication.guard.js';

/** An endpoint for clients, which need no bearer token: a form body first, then client authentication, and 200 when all is well. */
export function ClientEndpoint(): MethodDecorator {
  return applyDecorators(Public(), HttpCode(200), TakesForm(), UseGuards(ClientAuthenticationGuard));
}

/** The same for an endpoint that is only fetched: no parameters, and so Basic alone. */
export function FetchedClientEndpoint(): MethodDecorator {
  return applyDecorators(Public(), HttpCode(200), UseGuards(NoParametersGuard, ClientAuthenticationGuard));
}
