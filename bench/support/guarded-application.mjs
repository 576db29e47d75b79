// A Nest-on-Fastify application with one constant route: behind the guard with the module's OPTIONS, as JSON; behind a
// guard that lets everybody pass, when they are "empty"; or without them unguarded.
import 'reflect-metadata';
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

/** What Nest itself takes for having a guard. */
const EMPTY = { canActivate: () => true };

class ApplicationModule {}
const options = JSON.parse(OPTIONS ?? 'null');
Module({
  imports: options === null || options === 'empty' ? [] : [ResourceServerModule.register(options)],
  providers: options === 'empty' ? [{ provide: APP_GUARD, useValue: EMPTY }] : [],
  controllers: [ConstantController],
})(ApplicationModule);

const application = await NestFactory.create(ApplicationModule, new FastifyAdapter(), { logger: ['error'] });
application.enableShutdownHooks();
await application.listen(Number(PORT), '127.0.0.1');
