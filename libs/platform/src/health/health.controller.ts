import { Controller, Get, HttpCode, ServiceUnavailableException } from '@nestjs/common';
import { Database } from '../database/database.js';

/** Probes for an orchestrator: `live` says that the process answers, `ready` that it can serve requests. */
@Controller('health')
export class HealthController {
  constructor(private readonly database: Database) {}

  @Get('live')
  @HttpCode(200)
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('ready')
  @HttpCode(200)
  async ready(): Promise<{ status: string }> {
    try {
      await this.database.ping();
    } catch (error) {
      throw new ServiceUnavailableException({ status: 'unavailable' }, { cause: error });
    }
    return { status: 'ok' };
  }
}
