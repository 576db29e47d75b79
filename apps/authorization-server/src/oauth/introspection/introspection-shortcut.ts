import { Injectable } from '@nestjs/common';
import type { ActiveTokenResponse } from '@latchkey/contracts';
import { countHeaderLines } from '@latchkey/platform/http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RememberedCredentials } from '../client-authentication/remembered-credentials.js';
import { FormParameters } from '../common/form-parameters.js';
import { mayIntrospect } from './may-introspect.js';
import { IntrospectionService } from './introspection.service.js';

const PATH = '/oauth/introspect';

/**
 * Answers what is asked most, before Nest comes into it: a resource server that has just proved who it is asks about a
 * token that memory knows as active. It never refuses. Wherever it has a doubt, the controller and its guards decide as
 * if this were not here.
 */
@Injectable()
export class IntrospectionShortcut {
  constructor(
    private readonly credentials: RememberedCredentials,
    private readonly introspection: IntrospectionService,
  ) {}

  /** @returns `null` when it is not for this to answer */
  answer(request: FastifyRequest): ActiveTokenResponse | null {
    const { authorization } = request.headers;
    const { body: form } = request;
    if (authorization === undefined || !(form instanceof FormParameters)) return null;
    if (request.url !== PATH || countHeaderLines(request.raw, 'authorization') !== 1) return null;
    if (form.get('client_id') !== null || form.get('client_secret') !== null) return null;
    const token = form.get('token');
    const client = token === null ? null : this.credentials.recall(authorization);
    if (token === null || client === null || !mayIntrospect(client)) return null;
    return this.introspection.recall(token, client.audience);
  }
}

/** Puts the shortcut in front of the route. Call it before the application registers its routes. */
export function shortenIntrospection(application: NestFastifyApplication): void {
  const shortcut = application.get(IntrospectionShortcut, { strict: false });
  const shorten = (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const answer = shortcut.answer(request);
    if (answer === null) done();
    else void reply.send(answer);
  };
  application
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => {
      if (route.url === PATH && route.method === 'POST') route.preHandler = shorten;
    });
}
