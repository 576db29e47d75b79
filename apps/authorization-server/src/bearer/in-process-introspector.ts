import { readIntrospectionResponse, TokenIntrospector, type AccessToken } from '@latchkey/resource-server';
import type { IntrospectionService } from '../oauth/introspection/introspection.service.js';

/** Lets the guard library protect our own API: it asks the introspection service itself instead of an endpoint. */
export class InProcessIntrospector extends TokenIntrospector {
  constructor(
    private readonly introspection: IntrospectionService,
    private readonly issuer: string,
  ) {
    super();
  }

  async introspect(token: string): Promise<AccessToken | null> {
    const response = await this.introspection.introspect(token, [this.issuer]);
    return readIntrospectionResponse(response, { issuer: this.issuer, audience: this.issuer }, Date.now());
  }
}
