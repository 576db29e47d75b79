import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  FreshnessStatus,
  Public,
  Refusals,
  ResourceServerModule,
  TokenIntrospector,
  type ResourceServerOptions,
} from '@latchkey/resource-server';

const OPTIONS: ResourceServerOptions = {
  introspectionEndpoint: 'http://127.0.0.1:1/introspect',
  clientId: 'api',
  clientSecret: 'the-secret',
  issuer: 'https://as.example',
  audience: 'https://api.example',
};
const NOTHING = undefined as unknown as ResourceServerOptions;

@Injectable()
class Health {
  constructor(
    readonly freshness: FreshnessStatus,
    readonly refusals: Refusals,
    readonly introspector: TokenIntrospector,
  ) {}
}

@Controller()
class HealthController {
  constructor(private readonly health: Health) {}

  @Get('health')
  @Public()
  read() {
    return { feed: this.health.freshness.feedState, refused: this.health.refusals.counts.no_token };
  }

  @Get('secret')
  secret() {
    return 'secret';
  }
}

/** As a team has it that knows nothing of the root module. */
@Module({ controllers: [HealthController], providers: [Health] })
class HealthModule {}

@Module({ imports: [ResourceServerModule] })
class BareModule {}

async function start(...imports: (DynamicModule | Type)[]): Promise<NestFastifyApplication> {
  @Module({ imports })
  class RootModule {}
  const application = await NestFactory.create<NestFastifyApplication>(RootModule, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  try {
    await application.listen(0, '127.0.0.1');
  } catch (error) {
    await application.close();
    throw error;
  }
  return application;
}

describe('Registration of ResourceServerModule', () => {
  it.each<[string, () => DynamicModule]>([
    ['register', () => ResourceServerModule.register(OPTIONS)],
    ['registerAsync', () => ResourceServerModule.registerAsync({ useFactory: () => OPTIONS })],
    ['isGlobal: true', () => ResourceServerModule.register({ ...OPTIONS, isGlobal: true })],
  ])('what it exports can be injected in every module (%s)', async (_, registration) => {
    const application = await start(HealthModule, registration());
    const url = await application.getUrl();
    expect((await fetch(`${url}/secret`)).status).toBe(401);
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ feed: 'off', refused: 1 });
    await application.close();
  });

  it.each<[string, () => DynamicModule]>([
    ['register', () => ResourceServerModule.register({ ...OPTIONS, isGlobal: false })],
    [
      'registerAsync',
      () => ResourceServerModule.registerAsync({ useFactory: () => OPTIONS, isGlobal: false }),
    ],
  ])('isGlobal: false keeps it to modules that import it (%s)', async (_, registration) => {
    await expect(start(HealthModule, registration())).rejects.toThrow('FreshnessStatus');
    const registered = registration();

    @Module({ imports: [registered], controllers: [HealthController], providers: [Health] })
    class ImportingModule {}

    const application = await start(ImportingModule, registered);
    const url = await application.getUrl();
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect((await fetch(`${url}/secret`)).status).toBe(401);
    await application.close();
  });

  const needsOptions =
    'ResourceServerModule has no options: import it once, as ResourceServerModule.register(';
  const twice = 'ResourceServerModule is registered 2 times. Register it once, in the root module';

  it.each<[string, () => (DynamicModule | Type)[], string]>([
    [
      'register without options',
      () => [ResourceServerModule.register(NOTHING)],
      'register() needs its options',
    ],
    [
      'registerAsync without options',
      () => [ResourceServerModule.registerAsync(NOTHING as object)],
      'registerAsync() needs useFactory, useClass or useExisting',
    ],
    [
      'registerAsync without a way to get them',
      () => [ResourceServerModule.registerAsync({ isGlobal: true })],
      'registerAsync() needs useFactory, useClass or useExisting',
    ],
    [
      'a factory that gives none',
      () => [ResourceServerModule.registerAsync({ useFactory: () => NOTHING })],
      needsOptions,
    ],
    ['the class alone', () => [ResourceServerModule], needsOptions],
    [
      'the class alone in another module',
      () => [ResourceServerModule.register(OPTIONS), BareModule],
      needsOptions,
    ],
    [
      'two registrations',
      () => [
        ResourceServerModule.register(OPTIONS),
        ResourceServerModule.register({ ...OPTIONS, audience: 'https://other.example' }),
      ],
      twice,
    ],
    [
      'the same registration twice',
      () => [ResourceServerModule.register(OPTIONS), ResourceServerModule.register(OPTIONS)],
      twice,
    ],
    [
      'isGlobal in what the factory gives',
      () => [ResourceServerModule.registerAsync({ useFactory: () => ({ ...OPTIONS, isGlobal: true }) })],
      'isGlobal belongs beside useFactory',
    ],
  ])('%s stops the start with a sentence', async (_, imports, sentence) => {
    await expect((async () => start(...imports()))()).rejects.toThrow(sentence);
  });

  it('opens no feed, which would keep the process alive, when the application does not start', async () => {
    const application = await NestFactory.create<NestFastifyApplication>(
      ResourceServerModule.register({
        ...OPTIONS,
        revocationFeed: { endpoint: 'http://127.0.0.1:1/revocations' },
        scopeRules: { 'GET /nowhere': 'read' },
      }),
      new FastifyAdapter(),
      { logger: false, abortOnError: false },
    );
    await expect(application.init()).rejects.toThrow('GET /nowhere');
    const { counters } = application.get(FreshnessStatus);
    await application.close();
    expect(counters.feedConnections).toBe(0);
  });
});
