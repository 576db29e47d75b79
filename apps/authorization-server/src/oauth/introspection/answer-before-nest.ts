import type { IntrospectionResponse } from '@latchkey/contracts';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ClientAuthenticationCache } from '../client-authentication/client-authentication-cache.js';
import { FormParameters } from '../common/form-parameters.js';
import { IntrospectionController } from './introspection.controller.js';

const PATH = '/oauth/introspect';

/**
 * Answers recently authenticated resource servers without Nest, whose guards, pipes and decorators take longer than the
 * introspection itself. It calls the controller directly and never refuses: in all other cases Nest handles the request
 * with the same controller. Call it before the application registers its routes.
 */
export function answerIntrospectionBeforeNest(application: NestFastifyApplication): void {
  const clients = application.get(ClientAuthenticationCache, { strict: false });
  const introspection = application.get(IntrospectionController, { strict: false });

  function find(request: FastifyRequest): IntrospectionResponse | Promise<IntrospectionResponse> | null {
    try {
      const client = clients.clientOf(request);
      if (client === null || !(request.body instanceof FormParameters)) return null;
      return introspection.introspect(client, request.body);
    } catch {
      return null;
    }
  }

  function answer(request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
    const found = find(request);
    if (found === null) done();
    else if (found instanceof Promise) found.then((response) => reply.send(response), done);
    else void reply.send(found);
  }

  const fastify = application.getHttpAdapter().getInstance();
  fastify.addHook('onRoute', (route) => {
    if (route.url === PATH && route.method === 'POST') route.preHandler = answer;
  });
}
