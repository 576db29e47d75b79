// A Nest-on-Fastify application with one constant route: behind the guard with the module's OPTIONS, as JSON; behind one
// of the guards below, when they are its name; or without them unguarded.
import 'reflect-metadata';
import { hash } from 'node:crypto';
import { Controller, Get, Module } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ResourceServerModule } from '@latchkey/resource-server';

const { OPTIONS, PORT } = process.env;

class ConstantController {
  read() {
    return { hello: 'world' };
  }
}
// Decorators by hand: this file is run as it is.
Get()(
  ConstantController.prototype,
  'read',
  Object.getOwnPropertyDescriptor(ConstantController.prototype, 'read'),
);
Controller()(ConstantController);

const known = new Set();
const GUARDS = {
  /** What Nest itself takes for having a guard. */
  empty: () => true,
  /** The least that a guard can do which remembers tokens by their digest: it reads, hashes, looks up, and checks nothing. */
  least(context) {
    const { authorization = '' } = context.getArgByIndex(0).headers;
    known.add(hash('sha256', authorization.slice(7), 'latin1'));
    return true;
  },
};

class ApplicationModule {}
const options = JSON.parse(OPTIONS ?? 'null');
const canActivate = GUARDS[options];
Module({
  imports: options === null || canActivate ? [] : [ResourceServerModule.register(options)],
  providers: canActivate ? [{ provide: APP_GUARD, useValue: { canActivate } }] : [],
  controllers: [ConstantController],
})(ApplicationModule);

const application = await NestFactory.create(ApplicationModule, new FastifyAdapter(), { logger: ['error'] });
application.enableShutdownHooks();
await application.listen(Number(PORT), '127.0.0.1');
