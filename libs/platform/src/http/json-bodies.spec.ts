import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { BadRequestException, Body, Controller, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { readJsonBodies } from './json-bodies.js';

@Controller('things')
class ThingsController {
  @Post()
  @HttpCode(200)
  echo(@Body() body: unknown): unknown {
    return body;
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

let application: NestFastifyApplication;

beforeAll(async () => {
  application = await NestFactory.create<NestFastifyApplication>(ThingsModule, new FastifyAdapter(), {
    bodyParser: false,
    logger: false,
  });
  application.getHttpAdapter().getInstance().removeAllContentTypeParsers();
  readJsonBodies(application, () => new BadRequestException());
  await application.init();
});

afterAll(() => application.close());

const objectOf = (members: number) =>
  Object.fromEntries(Array.from({ length: members }, (_, index) => [`member${index}`, index]));

const inside = (levels: number): unknown => (levels === 0 ? {} : [inside(levels - 1)]);

it.each([
  ['an object with as many members as any', 200, objectOf(100)],
  ['one with more', 400, objectOf(101)],
  ['one with more in a list', 400, { list: [objectOf(101)] }],
  ['a list of many texts', 200, { list: Array<string>(5000).fill('text') }],
  // Beside the list and the object around it.
  ['as many objects as any', 200, { list: Array<object>(2498).fill({}) }],
  ['more objects', 400, { list: Array<object>(2499).fill({}) }],
  ['more lists', 400, { list: Array<object>(2499).fill([]) }],
  ['more in several lists', 400, { one: Array<object>(1250).fill([]), two: Array<object>(1250).fill({}) }],
  ['the deepest value', 200, { list: inside(31) }],
  ['a deeper one', 400, { list: inside(32) }],
])('answers %s with %d', async (_, status, payload) => {
  const answer = await application.inject({ method: 'POST', url: '/things', payload });
  expect(answer.statusCode).toBe(status);
  if (status === 200) expect(answer.json()).toEqual(payload);
});
