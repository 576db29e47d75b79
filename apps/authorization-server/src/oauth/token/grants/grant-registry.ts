import type { GrantHandler } from './grant-handler.js';

/** The enabled grants, by their `grant_type`. */
export class GrantRegistry {
  readonly #handlers: ReadonlyMap<string, GrantHandler>;

  constructor(handlers: readonly GrantHandler[]) {
    this.#handlers = new Map(
      handlers.flatMap((handler) =>
        [handler.grantType, handler.alias].flatMap((name) => (name === undefined ? [] : [[name, handler]])),
      ),
    );
  }

  find(grantType: string): GrantHandler | null {
    return this.#handlers.get(grantType) ?? null;
  }

  get grantTypes(): GrantHandler['grantType'][] {
    return [...new Set([...this.#handlers.values()].map(({ grantType }) => grantType))];
  }
}
