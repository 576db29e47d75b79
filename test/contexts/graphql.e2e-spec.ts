import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Field, ObjectType, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { RequireScopes } from '@latchkey/resource-server';
import { hold } from '../support/hold.js';
import { FeedServer } from '../library/support/feed-server.js';
import {
  AccountResolver,
  BETWEEN_TICKS,
  DRIVERS,
  graphqlModule,
} from '../library/support/graphql-application.js';
import { IntrospectionServer } from '../library/support/introspection-server.js';
import {
  followsFeed,
  startApplication,
  type ProtectedApplication,
} from '../library/support/protected-application.js';

/** Milliseconds. */
const MAX_STALENESS = 3000;

/** Longer than the bound that follows from it. */
const HELD_MS = 4000;

interface Answer {
  data: Record<string, unknown> | null;
  errors?: { message: string; path?: string[]; extensions: Record<string, unknown> }[];
}

describe.each(DRIVERS)('GraphQL of $driver on $platform', ({ driver, platform }) => {
  let authorizationServer: IntrospectionServer;
  let feed: FeedServer;
  let application: ProtectedApplication;

  const ask = async (query: string, token?: string): Promise<Answer> => {
    const response = await application.call('/graphql', token, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return (await response.json()) as Answer;
  };
  const refused = (answer: Answer) => answer.errors?.map(({ extensions: { code, error } }) => [code, error]);

  /** Opens a subscription; the client does not connect again. */
  const subscribe = (query: string, connectionParams: Record<string, unknown>, headers = {}) => {
    class WithHeaders extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols, { headers });
      }
    }
    const client: Client = createClient({
      url: `${application.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WithHeaders,
      connectionParams,
      retryAttempts: 0,
    });
    const values = client.iterate<Record<string, number>>({ query });
    return { client, values };
  };
  const first = async (query: string, connectionParams: Record<string, unknown>, headers = {}) => {
    const { client, values } = subscribe(query, connectionParams, headers);
    try {
      return (await values.next()).value as Answer;
    } catch (error) {
      return { data: null, errors: error } as Answer;
    } finally {
      await client.dispose();
    }
  };

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
    authorizationServer.token('reader');
    authorizationServer.token('writer', { scope: 'write' });
    feed = await FeedServer.start();
    application = await startApplication(
      [],
      followsFeed(authorizationServer, feed, MAX_STALENESS),
      undefined,
      { platform, imports: [graphqlModule(driver)], providers: [AccountResolver] },
    );
  });

  afterAll(async () => {
    await application.close();
    await authorizationServer.stop();
    await feed.stop();
  });

  it('refuses without a token and with a wrong one, and knows the right one', async () => {
    expect(refused(await ask('{ who }'))).toEqual([['UNAUTHENTICATED', 'invalid_token']]);
    expect((await ask('{ who }')).errors?.[0]?.message).toBe('An access token is required');
    expect(refused(await ask('{ who }', 'made-up'))).toEqual([['UNAUTHENTICATED', 'invalid_token']]);
    expect((await ask('{ who }', 'reader')).data).toEqual({ who: 'alice' });
    expect(application.log.join('\n')).toContain('Refused with 401 at AccountResolver.who: no_token');
  });

  it('holds queries and mutations against what they require', async () => {
    expect(refused(await ask('{ drafts }', 'reader'))).toEqual([['FORBIDDEN', 'insufficient_scope']]);
    expect((await ask('{ drafts }', 'writer')).data).toEqual({ drafts: 'drafts' });
    expect(refused(await ask('mutation { write }', 'reader'))).toEqual([['FORBIDDEN', 'insufficient_scope']]);
    expect(refused(await ask('mutation { write }'))).toEqual([['UNAUTHENTICATED', 'invalid_token']]);
    expect((await ask('mutation { write }', 'writer')).data).toEqual({ write: 'written' });
    expect((await ask('{ own(user: "alice") }', 'reader')).data).toEqual({ own: 'alice' });
    expect(refused(await ask('{ own(user: "bob") }', 'reader'))).toEqual([['FORBIDDEN', 'access_denied']]);
  });

  it('opens what is public, and takes a token that may be missing', async () => {
    expect((await ask('{ open }')).data).toEqual({ open: 'open' });
    expect((await ask('{ open }', 'made-up')).data).toEqual({ open: 'open' });
    expect((await ask('{ optional }')).data).toEqual({ optional: 'nobody' });
    expect((await ask('{ optional }', 'reader')).data).toEqual({ optional: 'alice' });
    expect(refused(await ask('{ optional }', 'made-up'))).toEqual([['UNAUTHENTICATED', 'invalid_token']]);
  });

  it('judges each of many fields by itself', async () => {
    const query = '{ a: open b: who c: optional d: open e: who account { name secret } }';
    for (let times = 0; times < 10; times++) {
      expect((await ask(query, 'reader')).data).toMatchObject({ b: 'alice', c: 'alice', e: 'alice' });
    }
    const { data, errors = [] } = await ask('{ drafts open other: drafts who }', 'reader');
    expect(data).toEqual({ drafts: null, open: 'open', other: null, who: 'alice' });
    expect(errors.map(({ path }) => path?.[0]).sort()).toEqual(['drafts', 'other']);
  });

  it.each([
    ['no token', {}],
    ['an unknown token', { authorization: 'Bearer made-up' }],
    ['what is no text', { authorization: 7 }],
  ])('refuses a subscription with %s', async (_, parameters) => {
    const [[, error] = []] = refused(await first('subscription { ticks }', parameters)) ?? [];
    expect(error).toMatch(/^invalid_(token|request)$/);
  });

  it('takes the token of a subscription from the parameters or the header of its connection', async () => {
    const authorization = 'Bearer writer';
    expect(await first('subscription { writing }', { authorization })).toMatchObject({
      data: { writing: 1 },
    });
    expect(await first('subscription { writing }', {}, { authorization })).toMatchObject({
      data: { writing: 1 },
    });
    expect(refused(await first('subscription { writing }', { authorization: 'Bearer reader' }))).toEqual([
      ['FORBIDDEN', 'insufficient_scope'],
    ]);
  });

  it('cuts a subscription when its token is revoked', async () => {
    const sid = `a subscription of ${driver}`;
    authorizationServer.token('subscriber', { sid, client_epoch: 1, user_epoch: 1 });
    const { values } = subscribe('subscription { ticks }', { authorization: 'Bearer subscriber' });
    await values.next();
    await values.next();
    authorizationServer.token('subscriber', { active: false });
    feed.revoke({ sid });
    let after = 0;
    await expect(
      (async () => {
        while (!(await values.next()).done) after++;
      })(),
    ).rejects.toMatchObject({ code: 1006 });
    expect(after * BETWEEN_TICKS).toBeLessThan(MAX_STALENESS);
  });

  it('sends nothing of a revoked token after the event loop was held for longer than the bound', async () => {
    const sid = `held subscription of ${driver}`;
    authorizationServer.token('held', { sid, client_epoch: 1, user_epoch: 1 });
    const { values } = subscribe('subscription { times }', { authorization: 'Bearer held' });
    await values.next();
    authorizationServer.token('held', { active: false });
    feed.revoke({ sid });
    hold(HELD_MS);
    const heldUntil = performance.now();
    const sent: number[] = [];
    await expect(
      (async () => {
        for (let one = await values.next(); !one.done; one = await values.next()) {
          sent.push((one.value as Answer).data!.times as number);
        }
      })(),
    ).rejects.toMatchObject({ code: 1006 });
    expect(sent.filter((time) => time > heldUntil)).toEqual([]);
  });
});

@ObjectType()
class Thing {
  @Field(() => String)
  name = 'thing';
}

@Resolver(() => Thing)
class ThingResolver {
  @Query(() => Thing)
  thing() {
    return new Thing();
  }

  @ResolveField(() => String)
  @RequireScopes('admin')
  secret() {
    return 'secret';
  }
}

it('A requirement on a field of an object stops the start, because GraphQL calls no guards for it', async () => {
  await expect(
    startApplication([], { introspectionEndpoint: 'http://127.0.0.1:9' }, undefined, {
      imports: [graphqlModule('mercurius')],
      providers: [ThingResolver],
    }),
  ).rejects.toThrow(
    'ThingResolver.secret requires something of tokens, and GraphQL calls no guards for fields of objects: set fieldResolverEnhancers',
  );
});
