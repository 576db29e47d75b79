import type { GrantType } from '@latchkey/contracts';
import type { GrantHandler } from './grant-handler.js';

/** The grants that are on, by their `grant_type`. */
export class GrantRegistry {
  readonly #handlers: ReadonlyMap<string, GrantHandler>;

  constructor(handlers: readonly GrantHandler[]) {
    this.#handlers = new Map(handlers.map((handler) => [handler.grantType, handler]));
  }

  find(grantType: string): GrantHandler | null {
    return this.#handlers.get(grantType) ?? null;
  }

  get grantTypes(): GrantType[] {
    return [...this.#handlers.values()].map(({ grantType }) => grantType);
  }
}
