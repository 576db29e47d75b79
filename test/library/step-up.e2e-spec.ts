import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { RequireAcr, RequireFreshLogin, RequireScopes } from '@latchkey/resource-server';
import { IntrospectionServer } from './support/introspection-server.js';
import { startApplication, type ProtectedApplication } from './support/protected-application.js';

const ago = (seconds: number) => Math.floor(Date.now() / 1000) - seconds;

@Controller()
class PaymentsController {
  @Get('strong')
  @RequireAcr('urn:hardware', 'urn:otp')
  strong() {
    return {};
  }

  @Get('fresh')
  @RequireFreshLogin(600)
  fresh() {
    return {};
  }

  @Get('both')
  @RequireAcr('urn:otp')
  @RequireFreshLogin(600)
  @RequireScopes('pay')
  both() {
    return {};
  }
}

@Controller('class')
@RequireAcr('urn:otp', 'urn:hardware')
@RequireFreshLogin(3600)
class ClassController {
  @Get('narrower')
  @RequireAcr('urn:hardware', 'urn:passkey')
  @RequireFreshLogin(60)
  narrower() {
    return {};
  }
}

describe('Step-up authentication (RFC 9470)', () => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;
  const call = async (path: string, token: string) => {
    const response = await application.call(path, token);
    const challenge = response.headers.get('www-authenticate') ?? '';
    const parameter = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(challenge)?.[1];
    return [response.status, parameter('error'), parameter('acr_values'), parameter('max_age')];
  };
  const passes = [200, undefined, undefined, undefined];

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    const tokens = {
      plain: {},
      otp: { acr: 'urn:otp', auth_time: ago(5) },
      hardware: { acr: 'urn:hardware', auth_time: ago(5) },
      old: { acr: 'urn:otp', auth_time: ago(700) },
      paying: { acr: 'urn:otp', auth_time: ago(500), scope: 'pay' },
      future: { auth_time: ago(-5) },
    };
    for (const [name, claims] of Object.entries(tokens)) authorizationServer.token(name, claims);
    application = await startApplication([PaymentsController, ClassController], {
      introspectionEndpoint: authorizationServer.url,
    });
  });

  afterAll(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  it('lets tokens of a login pass that was strong enough', async () => {
    expect(await call('/strong', 'otp')).toEqual(passes);
    expect(await call('/strong', 'hardware')).toEqual(passes);
    expect(await call('/strong', 'old')).toEqual(passes);
  });

  it.each(['plain', 'future'])('asks for the classes when the token "%s" is of none', async (token) => {
    const refused = [401, 'insufficient_user_authentication', 'urn:hardware urn:otp', undefined];
    expect(await call('/strong', token)).toEqual(refused);
  });

  it('lets tokens of a recent login pass, and asks for one otherwise', async () => {
    const refused = [401, 'insufficient_user_authentication', undefined, '600'];
    expect(await call('/fresh', 'otp')).toEqual(passes);
    expect(await call('/fresh', 'future')).toEqual(passes);
    expect(await call('/fresh', 'old')).toEqual(refused);
    expect(await call('/fresh', 'plain')).toEqual(refused);
  });

  it('names all that a new login needs, before it speaks of scopes', async () => {
    expect(await call('/both', 'old')).toEqual([401, 'insufficient_user_authentication', 'urn:otp', '600']);
    expect(await call('/both', 'otp')).toEqual([403, 'insufficient_scope', undefined, undefined]);
    expect(await call('/both', 'paying')).toEqual(passes);
  });

  it('requires what class and handler have in common, and the shorter time', async () => {
    const refused = [401, 'insufficient_user_authentication', 'urn:hardware', '60'];
    expect(await call('/class/narrower', 'otp')).toEqual(refused);
    expect(await call('/class/narrower', 'hardware')).toEqual(passes);
  });

  it('says why in the log', async () => {
    await call('/fresh', 'old');
    await call('/strong', 'plain');
    const log = application.log.join('\n');
    expect(log).toMatch(
      /Refused with 401 at PaymentsController.fresh: login_age, expected "at most 600 s", found "7\d\d s"/,
    );
    expect(log).toContain('acr, expected "urn:hardware" "urn:otp", found none');
  });

  it.each([() => RequireAcr(), () => RequireAcr('two words'), () => RequireAcr('"quoted"')])(
    'refuses values that no challenge can name: %#',
    (decorate) => {
      expect(decorate).toThrow(TypeError);
    },
  );

  it.each([0, -1, 1.5, NaN, Infinity])('refuses %d seconds', (seconds) => {
    expect(() => RequireFreshLogin(seconds)).toThrow(TypeError);
  });

  it('stops the start when no login could do', async () => {
    @Controller()
    @RequireAcr('urn:otp')
    class ImpossibleController {
      @Get('impossible')
      @RequireAcr('urn:hardware')
      read() {
        return {};
      }
    }
    const options = { introspectionEndpoint: authorizationServer.url };
    await expect(startApplication([ImpossibleController], options)).rejects.toThrow(
      'ImpossibleController.read: @RequireAcr() of class and handler have no value in common',
    );
  });
});
