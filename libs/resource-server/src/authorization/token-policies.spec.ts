import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { NotFoundException, type ExecutionContext, type Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { AccessToken } from '../claims/access-token.js';
import { aToken } from '../claims/a-token.spec-support.js';
import { BearerError } from '../refusals/bearer-error.js';
import { ProvidedClasses } from './provided-classes.js';
import type { TokenPolicy } from './require-policy.decorator.js';
import { TokenPolicies } from './token-policies.js';

const CONTEXT = {} as ExecutionContext;
const TOKEN = aToken();

class Allowed implements TokenPolicy {
  asked: [AccessToken, ExecutionContext][] = [];

  constructor(readonly says: () => unknown = () => true) {}

  can(token: AccessToken, context: ExecutionContext): boolean {
    this.asked.push([token, context]);
    return this.says() as boolean;
  }
}

class NotProvided extends Allowed {}

describe('TokenPolicies', () => {
  const withPolicy = (policy: Allowed): TokenPolicies => {
    const get = (type: Type): Allowed => {
      if (type === Allowed) return policy;
      throw new Error('unknown');
    };
    return new TokenPolicies(new ProvidedClasses({ get } as unknown as ModuleRef));
  };
  const assert = (says: () => unknown) => withPolicy(new Allowed(says)).assert(TOKEN, Allowed, CONTEXT);

  it('asks the policy about the token and the request', async () => {
    const policy = new Allowed();
    await withPolicy(policy).assert(TOKEN, Allowed, CONTEXT);
    expect(policy.asked).toEqual([[TOKEN, CONTEXT]]);
    await expect(assert(() => Promise.resolve(true))).resolves.toBeUndefined();
  });

  it.each([false, undefined, 1, 'true', {}, Promise.resolve(false)])(
    'refuses where it says %p',
    async (says) => {
      const error = (await assert(() => says).catch((reason: unknown) => reason)) as BearerError;
      expect(error).toBeInstanceOf(BearerError);
      expect(error.getStatus()).toBe(403);
      expect(error.getResponse()).toEqual({
        error: 'access_denied',
        error_description: 'This is not allowed',
      });
      expect(error.refusal?.toString()).toContain('Allowed');
      expect(error.refusal?.reason).toBe('policy');
    },
  );

  it('refuses with the exception of the policy, and with 503 where it fails', async () => {
    const thrown = new NotFoundException();
    const fail = (error: Error) => () => {
      throw error;
    };
    await expect(assert(fail(thrown))).rejects.toBe(thrown);
    const error = (await assert(fail(new Error('broken'))).catch((reason: unknown) => reason)) as BearerError;
    expect(error.getStatus()).toBe(503);
    expect(error.getResponse()).toMatchObject({
      error_description: 'It cannot be determined at the moment whether this is allowed',
    });
  });

  it('finds at the start which policies no module provides', () => {
    const policies = withPolicy(new Allowed());
    expect(() => policies.resolve([Allowed])).not.toThrow();
    expect(() => policies.resolve([Allowed, NotProvided])).toThrow('@RequirePolicy(NotProvided)');
  });
});
