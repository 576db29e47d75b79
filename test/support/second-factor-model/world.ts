import { fail, isLive, transitionsOf } from './model.js';
import { RealUser } from './real-user.js';
import type { ModelServers } from './servers.js';
import { LIMITS, stateAt, type Action, type Factor, type Outcome, type State } from './state.js';

interface Done {
  readonly action: Action;
  readonly outcome: Outcome;
}

let users = 0;

/** A real user beside the states that the model may be in: requests at the same time leave open which came first. */
export class World {
  #states: State[] = [];
  #ids = 1;
  /** For the message of a failure. */
  readonly #history: string[] = [];

  private constructor(
    readonly servers: ModelServers,
    readonly user: RealUser,
  ) {}

  /** @param enrolled whether the user has a second factor and recovery codes already */
  static async begin(servers: ModelServers, enrolled: boolean): Promise<World> {
    servers.goOn();
    const world = new World(servers, await RealUser.begin(servers, `198.18.${users >> 8}.${users++ & 255}`));
    const secret = world.newId();
    const factors = enrolled ? { secret, ...(await world.user.enrol(secret)) } : {};
    world.#states = [{ ...stateAt(servers.now), ...factors }];
    return world;
  }

  /** One of the states, to choose from what is interesting in it. */
  get state(): State {
    const [state] = this.#states;
    if (state === undefined) throw new Error('The world has not begun');
    return state;
  }

  newId(): number {
    return this.#ids++;
  }

  async act(action: Action): Promise<void> {
    this.#settle([[{ action, outcome: await this.user.perform(action) }]]);
  }

  /** At the same time: they come to what they would have come to one after the other, in one order or the other. */
  async actTogether(one: Action, other: Action): Promise<void> {
    const [outcome, otherOutcome] = await Promise.all([this.user.perform(one), this.user.perform(other)]);
    const done: Done[] = [
      { action: one, outcome },
      { action: other, outcome: otherOutcome },
    ];
    this.#settle([done, done.toReversed()]);
  }

  /** @param seconds may be negative: the clock is set back */
  pass(seconds: number): void {
    this.servers.pass(seconds);
    this.#history.push(`${seconds} s pass`);
    for (const state of this.#states) {
      state.now += seconds;
      state.wasSetBack ||= seconds < 0;
    }
  }

  async restartOne(): Promise<void> {
    await this.servers.restartOne();
    this.#history.push('restart');
  }

  /** The tokens that were given are good as long as the model says so. */
  async finish(): Promise<void> {
    for (const id of this.user.logins.keys()) {
      const active = await this.user.isActive(id);
      const expected = this.#states.map((state) => isActive(state, id));
      if (!expected.includes(active))
        throw this.#contradiction(`the token of login ${id} is active: ${active}`);
    }
  }

  #settle(orders: Done[][]): void {
    const [done = []] = orders;
    const told = done.map(({ action, outcome }) => `${JSON.stringify(action)}: ${outcome}`);
    this.#history.push(told.join(' and at once '));
    const after = orders.flatMap((order) =>
      order.reduce(
        (states, next) => states.flatMap((state) => this.#after(state, next, order)),
        this.#states,
      ),
    );
    if (after.length === 0) throw this.#contradiction('the last outcome is none that the model allows');
    // Orders that made no difference leave one state.
    this.#states = [...new Map(after.map((state) => [JSON.stringify(state), state])).values()];
  }

  #after(state: State, { action, outcome }: Done, { length }: Done[]): State[] {
    const allowed = transitionsOf(state, action).filter(([, expected]) => expected === outcome);
    const states = allowed.map(([after]) => after);
    const factor = factorOf(action);
    if (length === 1 || factor === null || outcome !== 'refused') return states;
    // A proof whose login or factor ended while it was judged may count as a wrong one.
    const counted = structuredClone(state);
    fail(counted, factor);
    return [...states, counted];
  }

  #contradiction(what: string): Error {
    return new Error(`${what}\n${this.#history.join('\n')}\n${JSON.stringify(this.#states)}`);
  }
}

function factorOf(action: Action): Factor | null {
  if (action.kind === 'prove') return action.factor;
  return action.kind === 'password' && action.totp !== null ? 'otp' : null;
}

function isActive(state: State, id: number): boolean {
  const session = state.sessions[id];
  return session !== undefined && isLive(state, session) && state.now < session.at + LIMITS.accessToken;
}
