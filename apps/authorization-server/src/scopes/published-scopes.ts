import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { ReceivedChanges } from '../changes/received-changes.js';
import { LOGGER } from '../config/config.token.js';
import { isReservedScope } from './reserved-scope.js';
import { ScopeRepository } from './scope-repository.js';

/** A public page must stay short, whatever is registered. */
const MAX_SCOPES = 1000;

/** In milliseconds: for missed changes, and after a failed read. */
const RELOAD_INTERVAL_MS = 60_000;
const RETRY_INTERVAL_MS = 1000;

/**
 * The public scopes, in memory, because a public page must not cost a query. They are read again in the background when
 * any server of the installation adds or deletes a scope.
 */
@Injectable()
export class PublishedScopes implements OnApplicationShutdown {
  #names: readonly string[] = [];
  #loading: Promise<void> = Promise.resolve();
  #nextLoading: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    private readonly scopes: ScopeRepository,
    @Inject(LOGGER) private readonly logger: Logger,
    changes: ReceivedChanges,
  ) {
    changes.subscribe({
      changed: ({ kind }) => {
        if (kind === 'scopes') void this.#tryReload();
      },
      missed: () => void this.#tryReload(),
    });
  }

  /** Without administrative scopes, which applications do not use. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** Call it before the server listens. */
  async load(): Promise<void> {
    await this.#reload();
    this.#reloadIn(RELOAD_INTERVAL_MS);
  }

  onApplicationShutdown(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** One read at a time. A read in progress may have missed the change, so another one follows it. */
  #reload(): Promise<void> {
    this.#nextLoading ??= this.#loading.then(() => {
      this.#nextLoading = null;
      const loading = this.#read();
      this.#loading = loading.catch(() => undefined);
      return loading;
    });
    return this.#nextLoading;
  }

  async #read(): Promise<void> {
    const scopes = await this.scopes.list('', MAX_SCOPES, null);
    this.#names = scopes.map(({ name }) => name).filter((name) => !isReservedScope(name));
  }

  async #tryReload(): Promise<void> {
    if (this.#stopped) return;
    try {
      await this.#reload();
      this.#reloadIn(RELOAD_INTERVAL_MS);
    } catch (error) {
      this.logger.warn(
        { err: error },
        'could not read which scopes there are; the metadata names those of before',
      );
      this.#reloadIn(RETRY_INTERVAL_MS);
    }
  }

  #reloadIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#tryReload(), milliseconds).unref();
  }
}
