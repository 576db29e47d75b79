import { Global, Module, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Drain } from './drain.js';

/**
 * How a server ends. Whatever lasts, such as an event stream, ends in `beforeApplicationShutdown`, while the server
 * still listens; requests in flight are answered; then the database is closed, after all parts that are not global.
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
