import { Turns, type TurnRefusal } from './turns.js';

/** What a connection is used for. `requests`: for clients and resource owners, such as token requests. */
export const WORK_CLASSES = ['requests', 'administration', 'background'] as const;

export type WorkClass = (typeof WORK_CLASSES)[number];

/** Connections that each class may use at the same time. Classes do not share connections. */
const PLACES: Readonly<Record<WorkClass, number>> = { requests: 8, administration: 3, background: 2 };

/** The sum over all classes, and one for the readiness probe. */
export const POOL_SIZE = PLACES.requests + PLACES.administration + PLACES.background + 1;

/** For each class. */
const MAX_WAITING = 1000;
const WAIT_MS = 3000;

/** Limits the connections of each class of work, so that no class takes those of another one. */
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

  /** Connections in use, and the number of waiting operations. */
  use(work: WorkClass): { readonly running: number; readonly waiting: number } {
    const { taken, waiting } = this.#turns[work];
    return { running: taken, waiting };
  }

  /**
   * Waits until the class has a free connection.
   *
   * @returns a function to call after the connection was released
   * @throws StorageUnavailableError when too much work of the class waits, or it waited too long
   */
  async enter(work: WorkClass): Promise<() => void> {
    const turns = this.#turns[work];
    await turns.enter(WAIT_MS);
    return () => turns.leave();
  }
}
