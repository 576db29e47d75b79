// A Nest-on-Fastify application with one constant route: behind the guard with the module's OPTIONS, as JSON; behind a
// guard that computes for so many microseconds, when they are a number; or without them unguarded.
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

/** A guard that admits every request, and takes a known time for it; 0: what Nest itself takes for having a guard. */
const computing = (microseconds) => ({
  canActivate: () => {
    const until = performance.now() + microseconds / 1000;
    while (performance.now() < until);
    return true;
  },
});

class ApplicationModule {}
const options = JSON.parse(OPTIONS ?? 'null');
Module({
  imports: options !== null && typeof options === 'object' ? [ResourceServerModule.register(options)] : [],
  providers: typeof options === 'number' ? [{ provide: APP_GUARD, useValue: computing(options) }] : [],
  controllers: [ConstantController],
})(ApplicationModule);

const application = await NestFactory.create(ApplicationModule, new FastifyAdapter(), { logger: ['error'] });
application.enableShutdownHooks();
await application.listen(Number(PORT), '127.0.0.1');
