import { setInterval as ticks } from 'node:timers/promises';
import type { DynamicModule } from '@nestjs/common';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import {
  Args,
  Context,
  Field,
  GraphQLModule,
  Mutation,
  ObjectType,
  Query,
  ResolveField,
  Resolver,
  Subscription,
} from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import {
  accessTokenOf,
  CurrentToken,
  OptionalToken,
  Public,
  RequireOwner,
  RequireScopes,
  type AccessToken,
} from '@latchkey/resource-server';

export const DRIVERS = [
  { driver: 'mercurius', platform: 'fastify' },
  { driver: 'apollo', platform: 'fastify' },
  { driver: 'apollo', platform: 'express' },
] as const;

type GraphqlDriver = (typeof DRIVERS)[number]['driver'];

/** Milliseconds between the values of a subscription. */
export const BETWEEN_TICKS = 20;

@ObjectType()
class Account {
  @Field(() => String)
  name = 'alice';
}

@Resolver(() => Account)
export class AccountResolver {
  @Query(() => String)
  who(@CurrentToken() token: AccessToken) {
    return token.subject;
  }

  @Query(() => Account)
  account() {
    return new Account();
  }

  @ResolveField(() => String)
  secret() {
    return 'a secret of the object';
  }

  @Query(() => String, { nullable: true })
  @RequireScopes('write')
  drafts() {
    return 'drafts';
  }

  @Query(() => String)
  @RequireOwner('user')
  own(@Args('user', { type: () => String }) user: string) {
    return user;
  }

  @Query(() => String)
  @Public()
  open() {
    return 'open';
  }

  @Query(() => String)
  @OptionalToken()
  optional(@Context('req') request: object) {
    return accessTokenOf(request)?.subject ?? 'nobody';
  }

  @Mutation(() => String)
  @RequireScopes('write')
  write() {
    return 'written';
  }

  @Subscription(() => Number, { resolve: (count: number) => count })
  async *ticks() {
    for await (const count of ticks(BETWEEN_TICKS, 1)) yield count;
  }

  /** When each value is sent. */
  @Subscription(() => Number, { resolve: (time: number) => time })
  async *times() {
    for await (const began of ticks(BETWEEN_TICKS, 0)) yield began + performance.now();
  }

  @Subscription(() => Number, { resolve: (count: number) => count })
  @RequireScopes('write')
  async *writing() {
    yield await Promise.resolve(1);
  }
}

export function graphqlModule(driver: GraphqlDriver): DynamicModule {
  return driver === 'mercurius'
    ? GraphQLModule.forRoot<MercuriusDriverConfig>({
        driver: MercuriusDriver,
        autoSchemaFile: true,
        subscription: true,
      })
    : GraphQLModule.forRoot<ApolloDriverConfig>({
        driver: ApolloDriver,
        autoSchemaFile: true,
        subscriptions: { 'graphql-ws': true },
      });
}
