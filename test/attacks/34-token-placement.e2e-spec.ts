import { afterEach, describe, expect, it } from '@jest/globals';
import { All, Controller } from '@nestjs/common';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import { startApplication, type ProtectedApplication } from '../library/support/protected-application.js';
import { send } from '../support/http.js';

@Controller()
class NotesController {
  @All()
  all() {
    return { notes: [] };
  }
}

describe('A token comes in the header, once, after “bearer” in any case (RFC 6750 section 2)', () => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;

  const status = async (path: string, headers: Record<string, string | string[]>, body?: string) => {
    const form = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const options = {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...headers, ...form },
    } as const;
    return (await send(application.url + path, { ...options, ...(body !== undefined && { body }) })).status;
  };

  afterEach(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  it('elsewhere it is ignored alone, and refused beside a header', async () => {
    authorizationServer = await IntrospectionServer.start();
    application = await startApplication([NotesController], {
      introspectionEndpoint: authorizationServer.url,
    });
    const token = authorizationServer.token('good');
    const authorization = `Bearer ${token}`;

    for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR']) {
      expect(await status('/', { authorization: `${scheme} ${token}` })).toBe(200);
    }
    const parameter = `access_token=${token}`;
    expect(await status(`/?${parameter}`, {})).toBe(401);
    expect(await status('/', {}, parameter)).toBe(401);
    expect(await status('/', { cookie: parameter })).toBe(401);
    expect(await status('/', { authorization: `Basic ${token}` })).toBe(401);
    expect(await status('/', { authorization: token })).toBe(401);

    expect(await status(`/?${parameter}`, { authorization })).toBe(400);
    expect(await status('/', { authorization }, parameter)).toBe(400);
    expect(await status('/', { authorization: `${authorization}, ${authorization}` })).toBe(400);
    expect(await status('/', { authorization: [authorization, 'Bearer other'] })).toBe(400);
    expect(await status('/', { authorization })).toBe(200);
  });
});
