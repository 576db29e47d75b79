import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { BasicStrategy } from 'passport-http';
import { readBasicCredentials, writeBasicCredentials, type ClientCredentials } from './client-credentials.js';

export const CLIENT_BASIC = 'client-basic';

/**
 * HTTP Basic by passport-http. It splits the header at every space and the credentials at every colon, and does not
 * form-decode. So it would refuse headers that RFC 7617 allows, and misread what RFC 6749 section 2.3.1 encodes. It
 * therefore receives the header in the only form that it reads correctly, written from the result of our strict parser.
 *
 * Passport keeps one strategy per name and process. This one is stateless, so several servers in one process can share
 * it. The guard looks up the client.
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
