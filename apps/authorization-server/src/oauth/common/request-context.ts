import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { FormParameters } from './form-parameters.js';

/** Where a request comes from, for audit events. */
export interface RequestContext {
  readonly requestId: string;
  readonly address: string;
}

/** Injects the {@link RequestContext}. */
export const CurrentRequest = createParamDecorator(
  (_: unknown, context: ExecutionContext): RequestContext => {
    const { id, ip } = context.switchToHttp().getRequest<FastifyRequest>();
    return { requestId: id, address: ip };
  },
);

/** Injects the form body, which the {@link FormBodyGuard} has made sure of. */
export const Form = createParamDecorator(
  (_: unknown, context: ExecutionContext): FormParameters =>
    context.switchToHttp().getRequest<FastifyRequest<{ Body: FormParameters }>>().body,
);
