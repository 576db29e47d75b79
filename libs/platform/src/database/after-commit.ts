/** Something to do once the unit of work that yields it is durable, and not at all when it is not. */
export class AfterCommit {
  constructor(readonly run: () => void) {}
}

/**
 * Lets a unit of work, which may run more than once and may be undone, have an effect all the same: it happens after the
 * commit, before the caller hears of the result. It must not throw.
 */
export function* afterCommit(effect: () => void): Generator<AfterCommit, void, unknown> {
  yield new AfterCommit(effect);
}
