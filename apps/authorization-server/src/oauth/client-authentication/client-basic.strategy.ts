import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { BasicStrategy } from 'passport-http';
import { readBasicCredentials, type ClientCredentials } from './client-credentials.js';

export const CLIENT_BASIC = 'client-basic';

/**
 * HTTP Basic by passport-http. It splits the credentials at every colon and does not form-decode, so what it read is
 * put aside for what our strict parser reads from the same header.
 *
 * Passport keeps one strategy of a name per process; this one holds no state, so several servers in a process can share
 * it. Looking the client up is the guard's part.
 */
@Injectable()
export class ClientBasicStrategy extends PassportStrategy(BasicStrategy, CLIENT_BASIC) {
  constructor() {
    super({ realm: 'latchkey', passReqToCallback: true });
  }

  validate(request: FastifyRequest): ClientCredentials {
    return readBasicCredentials(request.headers.authorization ?? '');
  }
}
