import { Controller, Get, HttpCode, ServiceUnavailableException } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Drain } from '../lifecycle/drain.js';
import {
  Describe,
  DescribeAll,
  OAUTH_ERROR,
  objectSchema,
  oneOf,
  type ApiPart,
  type TypeOf,
} from '../openapi/index.js';

const OK = objectSchema({ status: oneOf('ok') });

const PART: ApiPart = { tag: 'Health', security: () => [], refusals: () => ({}), refusal: OAUTH_ERROR };

/** Probes: `live` means that the process answers, `ready` that it can serve requests and is not about to stop. */
@DescribeAll(PART)
@Controller('health')
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly drain: Drain,
  ) {}

  @Get('live')
  @HttpCode(200)
  @Describe('Whether the process answers', { answer: OK, meaning: 'It does' })
  isAlive(): TypeOf<typeof OK> {
    return { status: 'ok' };
  }

  @Get('ready')
  @HttpCode(200)
  @Describe('Whether the server can serve requests, and will for a while', {
    answer: OK,
    meaning: 'It can',
    refusals: { 503: 'The database does not answer, or the server is about to stop' },
  })
  async isReady(): Promise<TypeOf<typeof OK>> {
    if (this.drain.hasBegun) throw new ServiceUnavailableException({ status: 'stopping' });
    try {
      await this.database.ping();
    } catch (error) {
      throw new ServiceUnavailableException({ status: 'unavailable' }, { cause: error });
    }
    return { status: 'ok' };
  }
}
