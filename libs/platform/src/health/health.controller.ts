import { Controller, Get, HttpCode, ServiceUnavailableException } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Drain } from '../lifecycle/drain.js';

/** Probes for an orchestrator: `live` says that the process answers, `ready` that it can serve requests, and will for a while. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly drain: Drain,
  ) {}

  @Get('live')
  @HttpCode(200)
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('ready')
  @HttpCode(200)
  async ready(): Promise<{ status: string }> {
    if (this.drain.hasBegun) throw new ServiceUnavailableException({ status: 'stopping' });
    try {
      await this.database.ping();
    } catch (error) {
      throw new ServiceUnavailableException({ status: 'unavailable' }, { cause: error });
    }
    return { status: 'ok' };
  }
}
