import { Turns, type TurnRefusal } from './turns.js';

/** What a connection is used for. `requests`: of clients and resource owners, such as for tokens. */
export const WORK_CLASSES = ['requests', 'administration', 'background'] as const;

export type WorkClass = (typeof WORK_CLASSES)[number];

/** Connections that each class may use at the same time. Those of one class are never lent to another. */
const PLACES: Readonly<Record<WorkClass, number>> = { requests: 8, administration: 3, background: 2 };

/** One more than all classes together: for the readiness probe. */
export const POOL_SIZE = PLACES.requests + PLACES.administration + PLACES.background + 1;

/** Of each class. */
const MAX_WAITING = 1000;
const WAIT_MS = 3000;

/** Stands in front of a pool of connections, so that no class of work takes those of another one. */
export class PoolGate {
  readonly #turns: Readonly<Record<WorkClass, Turns>>;

  constructor(onRefused: (work: WorkClass, reason: TurnRefusal) => void) {
    const turnsOf = (work: WorkClass) =>
      new Turns({
        name: `a database connection for ${work}`,
        places: PLACES[work],
        maxWaiting: MAX_WAITING,
        onRefused: (reason) => onRefused(work, reason),
      });
    this.#turns = {
      requests: turnsOf('requests'),
      administration: turnsOf('administration'),
      background: turnsOf('background'),
    };
  }

  /** Connections in use, and how much work waits for one. */
  use(work: WorkClass): { readonly running: number; readonly waiting: number } {
    const { taken, waiting } = this.#turns[work];
    return { running: taken, waiting };
  }

  /**
   * Waits until the class has a connection left.
   *
   * @returns to be called when the connection has been given back
   * @throws StorageUnavailableError when too much work of the class waits, or it waited too long
   */
  async enter(work: WorkClass): Promise<() => void> {
    const turns = this.#turns[work];
    await turns.enter(WAIT_MS);
    return () => turns.leave();
  }
}
