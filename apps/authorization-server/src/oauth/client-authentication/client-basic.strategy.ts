import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { BasicStrategy } from 'passport-http';
import { readBasicCredentials, writeBasicCredentials, type ClientCredentials } from './client-credentials.js';

export const CLIENT_BASIC = 'client-basic';

/**
 * HTTP Basic by passport-http. It splits the header at every space and the credentials at every colon, and does not
 * form-decode, so it would refuse what RFC 7617 allows and mistake what RFC 6749 section 2.3.1 encodes. It is therefore
 * shown the header in the one form that it reads right, made from what our strict parser read.
 *
 * Passport keeps one strategy of a name per process; this one holds no state, so several servers in a process can share
 * it. Looking the client up is the guard's part.
 */
@Injectable()
export class ClientBasicStrategy extends PassportStrategy(BasicStrategy, CLIENT_BASIC) {
  constructor() {
    super({ realm: 'latchkey', passReqToCallback: false });
  }

  override authenticate({ headers }: Pick<FastifyRequest, 'headers'>): void {
    const credentials = readBasicCredentials(headers.authorization ?? '');
    const request = { headers: { authorization: writeBasicCredentials(credentials) } };
    super.authenticate(request as Parameters<BasicStrategy['authenticate']>[0]);
  }

  validate(clientId: string, secret: string): ClientCredentials {
    return {
      method: 'client_secret_basic',
      clientId: decodeURIComponent(clientId),
      secret: decodeURIComponent(secret),
    };
  }
}
