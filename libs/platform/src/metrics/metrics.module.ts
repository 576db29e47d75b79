import {
  Global,
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import type { MetricsEndpoint } from './metrics-endpoint.js';
import { MetricsServer } from './metrics-server.js';

const OPTIONS = Symbol('MetricsOptions');

export interface MetricsOptions {
  /** The registry of the application's metrics. */
  registry: Registry;
  /** `null`: metrics are not served. */
  endpoint: MetricsEndpoint | null;
  logger: Logger;
}

/**
 * Lets every module inject the {@link Registry} for its metrics, and serves them from the start of the application
 * until its last request has been answered.
 */
@Global()
@Module({})
export class MetricsModule implements OnApplicationBootstrap, OnApplicationShutdown {
  #server: MetricsServer | null = null;

  constructor(@Inject(OPTIONS) private readonly options: MetricsOptions) {}

  static with(options: MetricsOptions): DynamicModule {
    return {
      module: MetricsModule,
      providers: [
        { provide: OPTIONS, useValue: options },
        { provide: Registry, useValue: options.registry },
      ],
      exports: [Registry],
    };
  }

  /** The URL of the metrics, `http://HOST:PORT/metrics`; `null` when they are not served. */
  get url(): string | null {
    return this.#server?.url ?? null;
  }

  /** @throws ListenError */
  async onApplicationBootstrap(): Promise<void> {
    const { endpoint, registry, logger } = this.options;
    if (endpoint === null) return;
    this.#server = await MetricsServer.open(endpoint, registry, logger);
    logger.info({ url: this.#server.url }, 'serving metrics');
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#server?.close();
  }
}
