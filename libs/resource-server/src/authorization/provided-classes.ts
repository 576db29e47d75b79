import { HttpException, Injectable, Logger, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { BearerError } from '../refusals/bearer-error.js';

/** Classes of the application that decorators name. They decide about requests, and are injected. */
@Injectable()
export class ProvidedClasses {
  readonly #logger = new Logger('ResourceServer');
  readonly #instances = new Map<Type, object>();

  constructor(private readonly moduleRef: ModuleRef) {}

  /**
   * @param decorator the decorator that names it, for the message
   * @throws Error naming a class that no module provides as a singleton
   */
  find<T extends object>(type: Type<T>, decorator: string): T {
    const known = this.#instances.get(type) as T | undefined;
    if (known !== undefined) return known;
    try {
      const instance = this.moduleRef.get(type, { strict: false });
      this.#instances.set(type, instance);
      return instance;
    } catch (cause) {
      throw new Error(`${decorator}(${type.name}): no module provides it as a singleton`, { cause });
    }
  }

  /**
   * Calls one of the classes. An `HttpException` that it throws becomes the response. Any other error is logged, and
   * the request is answered with 503.
   *
   * @param question what is unknown after an error, for the log
   * @param description the same for clients
   */
  async ask<T>(type: Type, question: string, description: string, answer: () => T | Promise<T>): Promise<T> {
    try {
      return await answer();
    } catch (error) {
      if (error instanceof HttpException) throw error;
      const what = error instanceof Error ? `${error.name}: ${error.message}` : typeof error;
      this.#logger.error(`${type.name} cannot say ${question}: ${what}`);
      throw BearerError.temporarilyUnavailable(null, `${type.name} threw`, description);
    }
  }
}
