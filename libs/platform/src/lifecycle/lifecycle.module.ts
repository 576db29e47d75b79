import { Global, Module, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Drain } from './drain.js';

/**
 * The shutdown of a server. Long-lived parts such as event streams end in `beforeApplicationShutdown`, while the server
 * still listens. Then requests in flight are answered, and the database is closed after all non-global parts.
 */
@Global()
@Module({ providers: [Drain], exports: [Drain] })
export class LifecycleModule implements OnModuleDestroy, OnApplicationShutdown {
  constructor(
    private readonly database: Database,
    private readonly drain: Drain,
  ) {}

  onModuleDestroy(): void {
    this.drain.begin();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
