// A Nest-on-Fastify application with one constant route: behind the guard with the module's OPTIONS, as JSON; behind a
// guard that lets everything pass, when they are "null"; or without them unguarded.
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

class ApplicationModule {}
const options = JSON.parse(OPTIONS ?? 'null');
Module({
  imports: options === null ? [] : [ResourceServerModule.register(options)],
  providers: OPTIONS === 'null' ? [{ provide: APP_GUARD, useValue: { canActivate: () => true } }] : [],
  controllers: [ConstantController],
})(ApplicationModule);

const application = await NestFactory.create(ApplicationModule, new FastifyAdapter(), { logger: ['error'] });
application.enableShutdownHooks();
await application.listen(Number(PORT), '127.0.0.1');
