// A Nest-on-Fastify application with one constant route: behind the guard with the module's OPTIONS, as JSON, or without
// them unguarded.
import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
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
const guard = OPTIONS === undefined ? [] : [ResourceServerModule.register(JSON.parse(OPTIONS))];
Module({ imports: guard, controllers: [ConstantController] })(ApplicationModule);

const application = await NestFactory.create(ApplicationModule, new FastifyAdapter(), { logger: ['error'] });
application.enableShutdownHooks();
await application.listen(Number(PORT), '127.0.0.1');
