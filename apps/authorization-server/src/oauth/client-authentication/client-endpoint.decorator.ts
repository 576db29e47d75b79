import { applyDecorators, HttpCode, UseGuards } from '@nestjs/common';
import { Public } from '@latchkey/resource-server';
import { FormBodyGuard } from '../common/form-body.guard.js';
import { ClientAuthenticationGuard } from './client-authentication.guard.js';

/** An endpoint for clients, which need no bearer token: a form body first, then client authentication, and 200 when all is well. */
export function ClientEndpoint(): MethodDecorator {
  return applyDecorators(Public(), HttpCode(200), UseGuards(FormBodyGuard, ClientAuthenticationGuard));
}
