import { applyDecorators, HttpCode, UseGuards } from '@nestjs/common';
import { Public } from '@latchkey/resource-server';
import { NoParametersGuard } from '../common/no-parameters.guard.js';
import { TakesForm } from '../common/parse-form-bodies.js';
import { ClientAuthenticationGuard } from './client-authentication.guard.js';

/** An endpoint for clients without a bearer token: a form body, client authentication, and 200 on success. */
export function ClientEndpoint(): MethodDecorator {
  return applyDecorators(Public(), HttpCode(200), TakesForm(), UseGuards(ClientAuthenticationGuard));
}

/** The same for an endpoint without parameters, which therefore accepts Basic only. */
export function FetchedClientEndpoint(): MethodDecorator {
  return applyDecorators(Public(), HttpCode(200), UseGuards(NoParametersGuard, ClientAuthenticationGuard));
}
