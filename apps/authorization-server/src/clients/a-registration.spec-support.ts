import { ScopeSet } from '@latchkey/contracts';
import type { ClientRegistration } from './client-fields.js';

/** Of a client with which nothing is wrong. */
export const REGISTRATION: ClientRegistration = {
  clientId: 'shop',
  clientName: 'Shop',
  clientType: 'confidential',
  grantTypes: ['password', 'refresh_token'],
  scope: ScopeSet.parse('read write'),
  defaultScope: ScopeSet.parse('read'),
  audience: ['https://api.example.com/'],
  accessTokenFormat: 'jwt',
  accessTokenSigningAlg: 'ES256',
  accessTokenTtl: null,
  refreshTokenPolicy: 'unlimited',
  refreshTokenMaxUses: null,
  refreshTokenTtl: null,
  refreshTokenIdleTtl: null,
  refreshTokenGrace: null,
  refreshTokenMaxRetries: null,
  mayIntrospect: false,
  forwardsEndUserAddress: false,
  passwordGrantUntil: null,
  secondFactor: null,
  secondFactorFrom: null,
};
