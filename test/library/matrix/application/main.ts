import 'reflect-metadata';
import type { ResourceServerOptions } from '@latchkey/resource-server';
import { startMatrixApplication, startMessages } from './application.js';

/** Starts on both platforms, with the options of the environment, and prints where. */
async function main(): Promise<void> {
  const options = JSON.parse(process.env.OPTIONS ?? '{}') as ResourceServerOptions;
  const [fastify, express] = [
    await startMatrixApplication('fastify', options),
    await startMatrixApplication('express', options),
  ];
  const urls = {
    fastify: await fastify.getUrl(),
    express: await express.getUrl(),
    messages: await startMessages(fastify),
  };
  process.stdout.write(`${JSON.stringify(urls)}\n`);
}

void main();
