import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, NotFoundException, type ExecutionContext } from '@nestjs/common';
import {
  OptionalToken,
  RequirePolicy,
  RequireScopes,
  type AccessToken,
  type TokenPolicy,
} from '@latchkey/resource-server';
import { IntrospectionServer } from './support/introspection-server.js';
import { startApplication, type ProtectedApplication } from './support/protected-application.js';

/** Stands for the rules of an application, as an ability of CASL has them. */
@Injectable()
class Articles {
  readonly authors = new Map([['1', 'alice']]);
}

@Injectable()
class UpdateArticle implements TokenPolicy {
  constructor(private readonly articles: Articles) {}

  async can({ subject }: AccessToken, context: ExecutionContext): Promise<boolean> {
    const { id } = context.switchToHttp().getRequest<{ params: { id: string } }>().params;
    if (id === 'none') throw new NotFoundException();
    if (id === 'broken') throw new Error('The database is away');
    return this.articles.authors.get(id) === subject;
  }
}

/** Answers against its type. */
@Injectable()
class Careless implements TokenPolicy {
  can(): boolean {
    return 'yes' as unknown as boolean;
  }
}

@Injectable()
class WorkingHours implements TokenPolicy {
  static open = true;

  can(): boolean {
    return WorkingHours.open;
  }
}

@Controller('articles')
@RequirePolicy(WorkingHours)
class ArticlesController {
  @Get(':id')
  @RequireScopes('read')
  @RequirePolicy(UpdateArticle)
  read() {
    return { secret: true };
  }
}

@Controller()
class CarelessController {
  @Get('careless')
  @RequirePolicy(Careless)
  read() {
    return { secret: true };
  }

  @Get('beside')
  @OptionalToken()
  @RequirePolicy(WorkingHours)
  beside() {
    return { secret: true };
  }
}

describe('@RequirePolicy()', () => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;
  const providers = [Articles, UpdateArticle, Careless, WorkingHours];
  const ask = async (path: string, token?: string) => {
    const response = await application.call(path, token);
    const { error } = (await response.json()) as { error?: string };
    return [response.status, error];
  };

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('alice');
    authorizationServer.token('bob', { sub: 'bob' });
    authorizationServer.token('writer', { scope: 'write' });
    application = await startApplication(
      [ArticlesController, CarelessController],
      { introspectionEndpoint: authorizationServer.url },
      undefined,
      { providers },
    );
  });

  afterAll(async () => {
    await application.close();
    await authorizationServer.stop();
  });

  it('lets a token pass for which every policy says true', async () => {
    expect(await ask('/articles/1', 'alice')).toEqual([200, undefined]);
    expect(await ask('/articles/1', 'bob')).toEqual([403, 'access_denied']);
    expect(await ask('/articles/2', 'alice')).toEqual([403, 'access_denied']);
    WorkingHours.open = false;
    expect(await ask('/articles/1', 'alice')).toEqual([403, 'access_denied']);
    WorkingHours.open = true;
    expect(application.log.join('\n')).toContain(
      'Refused with 403 at ArticlesController.read: policy, expected "UpdateArticle"',
    );
  });

  it('comes after the token and its scopes', async () => {
    expect(await ask('/articles/none')).toEqual([401, 'invalid_token']);
    expect(await ask('/articles/none', 'made-up')).toEqual([401, 'invalid_token']);
    expect(await ask('/articles/none', 'writer')).toEqual([403, 'insufficient_scope']);
    expect(await ask('/beside')).toEqual([401, 'invalid_token']);
  });

  it('answers with what a policy throws, and refuses when it cannot say', async () => {
    expect((await ask('/articles/none', 'alice'))[0]).toBe(404);
    expect(await ask('/articles/broken', 'alice')).toEqual([503, 'temporarily_unavailable']);
    expect(application.log.join('\n')).toContain(
      'UpdateArticle cannot say whether the token may pass: Error: The database is away',
    );
  });

  it('takes nothing else than true for a yes', async () => {
    expect(await ask('/careless', 'alice')).toEqual([403, 'access_denied']);
  });

  it('stops the start when no module provides a policy', async () => {
    const options = { introspectionEndpoint: authorizationServer.url };
    await expect(startApplication([CarelessController], options)).rejects.toThrow(
      '@RequirePolicy(Careless): no module provides it as a singleton',
    );
  });

  it('takes classes that can decide', () => {
    expect(() => RequirePolicy()).toThrow(TypeError);
    expect(() => RequirePolicy(Articles as never)).toThrow('classes with a method can(token, context)');
    expect(() => RequirePolicy(undefined as never)).toThrow(TypeError);
  });
});
