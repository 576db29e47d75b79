import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Controller, Module, Put } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Describe, DescribeAll } from './describe.js';
import { named } from './schema.js';
import { serveDocs } from './serve.js';

@DescribeAll({ tag: 'Things', security: () => [], refusals: () => ({}), refusal: named('Refusal', {}) })
@Controller('things')
class ThingsController {
  @Put()
  @Describe('Changes a thing')
  change(): void {
    // Only described.
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

let application: NestFastifyApplication;
const sent: unknown[] = [];

beforeAll(async () => {
  application = await NestFactory.create<NestFastifyApplication>(ThingsModule, new FastifyAdapter(), {
    logger: false,
  });
  serveDocs(application, {
    title: 'Things',
    version: '1.2.3',
    description: 'About things',
    url: 'https://things.example.com',
    examples: {},
    securitySchemes: {},
  });
  const fastify = application.getHttpAdapter().getInstance();
  fastify.addHook('onSend', async (_request, _reply, payload) => void sent.push(payload));
  await application.init();
});

afterAll(() => application.close());

it.each(['/docs', '/docs/openapi.json'])('renders %s once, because anybody may ask for it', async (url) => {
  sent.length = 0;
  for (let time = 0; time < 2; time++) {
    const { statusCode, body } = await application.inject({ url });
    expect([statusCode, body.includes('Changes a thing')]).toEqual([200, true]);
  }
  expect(sent[0]).toBeInstanceOf(Buffer);
  expect(sent[1]).toBe(sent[0]);
});
