import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FormParameters } from './form-parameters.js';

/** Data of a request beside its parameters. */
export interface RequestContext {
  readonly requestId: string;
  /** The peer's address. */
  readonly address: string;
  /** `Latchkey-Forwarded-For`; only valid from a client that is trusted to forward addresses. */
  readonly forwardedFor: string | null;
  /** `Latchkey-Device`: the device value that an earlier login returned. */
  readonly device: string | null;
  /** By `performance.now()`. */
  readonly arrivedAt: number;
}

/** Injects the {@link RequestContext}. */
export const CurrentRequest = createParamDecorator(
  (_: unknown, context: ExecutionContext): RequestContext => {
    const http = context.switchToHttp();
    const { id, remoteAddress, headers } = http.getRequest<FastifyRequest>();
    const { elapsedTime } = http.getResponse<FastifyReply>();
    return {
      requestId: id,
      address: remoteAddress,
      forwardedFor: single(headers['latchkey-forwarded-for']),
      device: single(headers['latchkey-device']),
      arrivedAt: performance.now() - elapsedTime,
    };
  },
);

/** Injects the form body. {@link TakesForm} ensures that there is one. */
export const Form = createParamDecorator(
  (_: unknown, context: ExecutionContext): FormParameters =>
    context.switchToHttp().getRequest<FastifyRequest<{ Body: FormParameters }>>().body,
);

/** A repeated header is ignored. */
function single(value: string | string[] | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
